import { checkInputs, checkOutputNames, type Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { Fifo } from './fifo.js';
import { haveRows, joinable, joinRows } from './join-rows.js';
import type { Asker, HostedModel, Lane, LoadedModel } from './model-host.js';
import { Pace } from './pace.js';
import type { ServingLimits } from './serving-limits.js';
import type { Ran } from './version-figures.js';
import { deal, gone, isGone, outputsOf, refuse, Run, settle, type Waiting } from './waiting.js';

export interface BatcherOptions {
  readonly name: string;
  /** Rows that were proven to be answered together as alone; 1 when each request is run by itself. */
  readonly provenRows: number;
  readonly limits: ServingLimits;
}

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

/** Those who hung up give their places back within this time, and what only they wanted is not run on. */
const SWEEP_MS = 250;

/** Weight of the newest run in the running mean. */
const NEWEST = 0.2;

/**
 * Hands the requests of one loaded version to its lanes: what waits while all are busy is run together as soon as one is free.
 * Requests of one turn of the event loop go together; there is no timer in the way when nothing waits.
 */
export class Batcher implements LoadedModel {
  readonly inputs;
  readonly outputs;
  readonly lost;
  private readonly queue = new Fifo<Waiting>();
  /** A list: of a map that changes with every run V8 keeps what it once held, all the requests, until the next full collection. */
  private readonly running: Run[] = [];
  private together: number;
  private readonly allOutputs: readonly string[];
  private meanMs = 0;
  private readonly pace = new Pace();
  private shortSinceMs: number | undefined;
  private observer: (run: Ran) => void = () => undefined;
  private scheduled = false;
  private timer: NodeJS.Timeout | undefined;
  private ended: PlatformError | undefined;
  private draining = false;
  private idle: (() => void) | undefined;

  constructor(
    private readonly model: HostedModel,
    private readonly options: BatcherOptions,
  ) {
    this.inputs = model.inputs;
    this.outputs = model.outputs;
    this.lost = model.lost;
    this.allOutputs = model.outputs.map(({ name }) => name);
    this.together = Math.min(options.provenRows, options.limits.maxBatch);
    model.onLanes(() => {
      this.dispatch();
    });
    void model.lost.then((error) => {
      this.end(error instanceof PlatformError ? error : new PlatformError('WORKER_LOST', undefined, error));
    });
  }

  get pending(): number {
    let pending = this.queue.length;
    for (const run of this.running) pending += run.pending;
    return pending;
  }

  /** Rows that are run together at most: what was proven, within the limit. */
  get batchRows(): number {
    return this.together;
  }

  run(inputs: readonly Tensor[], outputNames?: readonly string[], asker?: Asker): Promise<Tensor[]> {
    return new Promise((resolve, reject) => {
      // What is thrown in here rejects.
      if (this.ended !== undefined) throw this.ended;
      const ordered = checkInputs(inputs, this.inputs);
      if (outputNames !== undefined) checkOutputNames(outputNames, this.outputs);
      this.makeRoom();
      const rows = ordered[0].shape[0] ?? 1;
      this.queue.push({
        inputs: ordered,
        outputNames: outputNames ?? this.allOutputs,
        rows,
        joins: this.together > 1 && rows > 0 && ordered.every(({ shape }) => shape[0] === rows),
        asker,
        sinceMs: performance.now(),
        isSettled: false,
        resolve,
        reject,
      });
      this.watch(this.options.limits.timeoutMs);
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(this.dispatch);
    });
  }

  observe(listener: (run: Ran) => void): void {
    this.observer = listener;
  }

  drain(): void {
    this.draining = true;
  }

  async close(): Promise<void> {
    this.ended ??= new PlatformError('SHUTTING_DOWN', `The model "${this.options.name}" is being unloaded.`);
    if (this.pending > 0) await new Promise<void>((resolve) => (this.idle = resolve));
    clearTimeout(this.timer);
    await this.model.close();
  }

  /** @throws PlatformError QUEUE_FULL */
  private makeRoom(): void {
    const { name, limits } = this.options;
    if (this.queue.length < limits.maxQueue) return;
    this.dispatch();
    this.sweep();
    if (this.queue.length < limits.maxQueue) return;
    throw new PlatformError(
      'QUEUE_FULL',
      `${String(this.queue.length)} requests wait for "${name}" already; try again later, or raise PREDICTOR_MAX_QUEUE.`,
    );
  }

  private readonly dispatch = (): void => {
    this.scheduled = false;
    for (let next = this.first(); next !== undefined; next = this.first()) {
      const lane = this.freeLane() ?? this.laneToFollow(next);
      if (lane === undefined) return;
      void this.send(lane, this.take());
    }
    if (this.running.length > 0) return;
    this.shortSinceMs = undefined;
    this.idle?.();
  };

  /** A lane for what waits; undefined when all are busy, or when waiting for one is the better way. */
  private freeLane(): Lane | undefined {
    const { lanes } = this.model;
    if (this.running.length === 0) return lanes[0];
    if (!this.isWorthALane()) return undefined;
    const free = lanes.find((lane) => !this.running.some((run) => run.lane === lane));
    if (free === undefined) this.askForLane();
    return free;
  }

  /** A lane with one run on it that ends soon, for a request that waiting would not bring together with others. */
  private laneToFollow(next: Waiting): Lane | undefined {
    const isWhole = !next.joins || next.rows >= this.together;
    if (!isWhole || this.meanMs > FOLLOWS_BELOW_MS) return undefined;
    return this.running.find((run) => this.endsSoon(run) && this.isAlone(run))?.lane;
  }

  /** By what such runs took; one that goes on for long already is another story. */
  private endsSoon({ elements, sinceMs }: Run): boolean {
    return this.pace.forecastMs(elements) <= FOLLOWS_BELOW_MS && performance.now() - sinceMs <= FOLLOWS_BELOW_MS;
  }

  /** Nobody follows it yet, and its lane still takes calls. */
  private isAlone(run: Run): boolean {
    return (
      this.model.lanes.includes(run.lane) && !this.running.some((other) => other !== run && other.lane === run.lane)
    );
  }

  private askForLane(): void {
    const nowMs = performance.now();
    this.shortSinceMs ??= nowMs;
    if (nowMs - this.shortSinceMs >= SHORT_FOR_MS && !this.draining) this.model.widen();
  }

  private isWorthALane(): boolean {
    if (this.meanMs > WORTH_A_LANE_MS || this.queue.length > this.together) return true;
    const nowMs = performance.now();
    for (const { rows, sinceMs } of this.running)
      if (rows > this.together || nowMs - sinceMs > WORTH_A_LANE_MS) return true;
    return false;
  }

  /** Who waits first; those before who hung up are dropped. */
  private first(): Waiting | undefined {
    let first = this.queue.peek();
    for (; first !== undefined && isGone(first); first = this.queue.peek()) {
      this.queue.shift();
      refuse(first, gone());
    }
    return first;
  }

  /** The next requests that can be run together. */
  private take(): Waiting[] {
    const batch: Waiting[] = [];
    let rows = 0;
    for (let next = this.first(); next !== undefined; next = this.first()) {
      if (batch.length > 0) {
        const fits = batch[0].joins && next.joins && rows + next.rows <= this.together;
        if (!fits || !joinable(batch[0].inputs, next.inputs)) break;
      }
      this.queue.shift();
      batch.push(next);
      rows += next.rows;
    }
    return batch;
  }

  private async send(lane: Lane, batch: Waiting[]): Promise<void> {
    const run = new Run(lane, batch);
    this.running.push(run);
    await this.answer(run);
    const at = this.running.indexOf(run);
    this.running.splice(at, 1);
    const nowMs = performance.now();
    this.meanMs += NEWEST * (nowMs - run.sinceMs - this.meanMs);
    // One that came to the lane before may end later: its rows are run again, or in slices.
    const follower = this.running.find((other, place) => place >= at && other.lane === lane);
    if (follower !== undefined) follower.sinceMs = nowMs;
    this.dispatch();
  }

  /** Settles every request of the batch; never rejects. */
  private async answer(run: Run): Promise<void> {
    const { lane, batch, rows } = run;
    try {
      const names = outputsOf(batch);
      const [only] = batch;
      const inputs = batch.length === 1 ? only.inputs : joinRows(batch.map((waiting) => waiting.inputs));
      const { outputs, tookMs } = await lane.run(inputs, names, run);
      this.pace.learn(run.elements, tookMs);
      if (batch.length === 1) settle(only, outputs);
      else if (haveRows(outputs, rows)) deal(batch, names, outputs);
      else {
        // Which rows a request gets back depends on their values: the warm-up could not see that, and nobody may get another's.
        this.together = 1;
        await this.answerEach(run);
        return;
      }
      const waitedMs = batch.map(({ sinceMs }) => run.sinceMs - sinceMs);
      this.observer({ requests: batch.length, rows, waitedMs, computeMs: tookMs });
    } catch (error) {
      const fault = error instanceof Error ? error : new PlatformError('INTERNAL', String(error));
      if (batch.length === 1 || !(error instanceof PlatformError) || error.code !== 'INPUT_INVALID')
        for (const waiting of batch) refuse(waiting, fault);
      // One bad row spoils the run of all: by themselves, it fails alone.
      else await this.answerEach(run);
    }
  }

  private async answerEach({ lane, batch }: Run): Promise<void> {
    for (const one of batch) {
      const run = new Run(lane, [one]);
      if (run.isWanted) await this.answer(run);
      else refuse(one, gone());
    }
  }

  /** One timer for all that wait: requests come in the order in which their time runs out. */
  private watch(ms: number): void {
    this.timer ??= setTimeout(this.tick, Math.min(ms, SWEEP_MS)).unref();
  }

  private readonly tick = (): void => {
    this.timer = undefined;
    this.sweep();
    const first = this.expire();
    // A millisecond more: timers count whole ones and may come early.
    if (first !== Infinity) this.watch(Math.max(1, first - performance.now() + this.options.limits.timeoutMs + 1));
    if (this.pending === 0) this.idle?.();
  };

  /** Who hung up waits for nothing: its place is another's. */
  private sweep(): void {
    for (const waiting of this.queue.remove(isGone)) refuse(waiting, gone());
    for (const { batch } of this.running)
      for (const waiting of batch) if (!waiting.isSettled && isGone(waiting)) refuse(waiting, gone());
  }

  /** Tells those whose time is over; returns since when the first of the others waits. */
  private expire(): number {
    const { name, limits } = this.options;
    const late = performance.now() - limits.timeoutMs;
    const error = new PlatformError(
      'ANSWER_TIMED_OUT',
      `The model "${name}" did not answer within ${String(limits.timeoutMs)} ms; try again when it has less to do.`,
    );
    let oldest = this.queue.peek();
    for (; oldest !== undefined && oldest.sinceMs <= late; oldest = this.queue.peek()) {
      this.queue.shift();
      refuse(oldest, error);
    }
    let first = oldest?.sinceMs ?? Infinity;
    for (const { batch } of this.running)
      for (const waiting of batch) {
        if (waiting.isSettled) continue;
        if (waiting.sinceMs <= late) refuse(waiting, error);
        else first = Math.min(first, waiting.sinceMs);
      }
    return first;
  }

  private end(error: PlatformError): void {
    this.ended ??= error;
    for (const waiting of this.queue.remove(() => true)) refuse(waiting, error);
    if (this.pending === 0) this.idle?.();
  }
}
