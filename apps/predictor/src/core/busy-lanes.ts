import type { HostedModel, Lane } from './model-host.js';
import { Pace } from './pace.js';
import type { Run, Waiting } from './waiting.js';

/** While a run takes less than this, what waits is better run together next than at once on another thread: a hop costs as much. */
const WORTH_A_LANE_MS = 1;

/**
 * While a run takes less than this, the way to its lane and back is felt: a request that is a batch by itself goes there before
 * the one ahead of it has ended. Behind a longer one it waits here, where it is dropped when nobody wants it any more, and where
 * another lane may be free sooner.
 */
const FOLLOWS_BELOW_MS = 5;

/**
 * Lanes must be short for so long without one idle moment before a further one is asked for: a rush passes sooner than another copy of
 * the weights is opened, and its opening takes what serving needs, most of all in the midst of a swap.
 */
const SHORT_FOR_MS = 1_000;

/** Weight of the newest run in the running mean. */
const NEWEST = 0.2;

/** What the queue of a model looks like when a lane is wanted. */
export interface QueueFacts {
  /** Requests in it. */
  readonly waiting: number;
  /** Rows that are run together at most. */
  readonly together: number;
  /** Another version took the place of this one: it grows no more. */
  readonly draining: boolean;
}

/** What runs on the lanes of one model, and which of them what waits should take. */
export class BusyLanes {
  /** A list: of a map that changes with every run V8 keeps what it once held, all the requests, until the next full collection. */
  readonly runs: Run[] = [];
  private meanMs = 0;
  private readonly pace = new Pace();
  private shortSinceMs: number | undefined;

  constructor(private readonly model: Pick<HostedModel, 'lanes' | 'widen'>) {}

  /** Requests that have no answer yet. */
  get pending(): number {
    let pending = 0;
    for (const run of this.runs) pending += run.pending;
    return pending;
  }

  /** A lane for who waits first; undefined when all are busy, or when waiting for one is the better way. */
  choose(next: Waiting, queue: QueueFacts): Lane | undefined {
    return this.free(queue) ?? this.toFollow(next, queue);
  }

  begin(run: Run): void {
    this.runs.push(run);
  }

  learn(run: Run, tookMs: number): void {
    this.pace.learn(run.elements, tookMs);
  }

  end(run: Run): void {
    const at = this.runs.indexOf(run);
    this.runs.splice(at, 1);
    const nowMs = performance.now();
    this.meanMs += NEWEST * (nowMs - run.sinceMs - this.meanMs);
    // One that came to the lane before may end later: its rows are run again, or in slices.
    const follower = this.runs.find((other, place) => place >= at && other.lane === run.lane);
    if (follower !== undefined) follower.sinceMs = nowMs;
  }

  /** Nothing waits and nothing runs. */
  rest(): void {
    this.shortSinceMs = undefined;
  }

  private free(queue: QueueFacts): Lane | undefined {
    const { lanes } = this.model;
    if (this.runs.length === 0) return lanes[0];
    if (!this.isWorthALane(queue)) return undefined;
    const free = lanes.find((lane) => !this.runs.some((run) => run.lane === lane));
    if (free === undefined) this.askForLane(queue);
    return free;
  }

  /** A lane with one run on it that ends soon, for a request that waiting would not bring together with others. */
  private toFollow(next: Waiting, { together }: QueueFacts): Lane | undefined {
    const isWhole = !next.joins || next.rows >= together;
    if (!isWhole || this.meanMs > FOLLOWS_BELOW_MS) return undefined;
    return this.runs.find((run) => this.endsSoon(run) && this.isAlone(run))?.lane;
  }

  /** By what such runs took; one that goes on for long already is another story. */
  private endsSoon({ elements, sinceMs }: Run): boolean {
    return this.pace.forecastMs(elements) <= FOLLOWS_BELOW_MS && performance.now() - sinceMs <= FOLLOWS_BELOW_MS;
  }

  /** Nobody follows it yet, and its lane still takes calls. */
  private isAlone(run: Run): boolean {
    return this.model.lanes.includes(run.lane) && !this.runs.some((other) => other !== run && other.lane === run.lane);
  }

  private askForLane({ draining }: QueueFacts): void {
    const nowMs = performance.now();
    this.shortSinceMs ??= nowMs;
    if (nowMs - this.shortSinceMs >= SHORT_FOR_MS && !draining) this.model.widen();
  }

  private isWorthALane({ waiting, together }: QueueFacts): boolean {
    if (this.meanMs > WORTH_A_LANE_MS || waiting > together) return true;
    const nowMs = performance.now();
    for (const { rows, sinceMs } of this.runs) if (rows > together || nowMs - sinceMs > WORTH_A_LANE_MS) return true;
    return false;
  }
}
