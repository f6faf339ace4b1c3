import { Distribution } from '#runtime';

/** One run of a session: what was put together for it, how long each request had waited, how long the run took. */
export interface Ran {
  requests: number;
  rows: number;
  waitedMs: readonly number[];
  computeMs: number;
}

const REQUEST_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Waiting and computing of small models are a matter of microseconds. */
const PART_BOUNDS = [0.00005, 0.0001, 0.00025, ...REQUEST_BOUNDS];

/** What is known of the requests of one version since it was served first. Added to on the hot path, read by whoever looks. */
export class VersionFigures {
  /** Requests by outcome: `ok`, or an error code. */
  readonly outcomes = new Map<string, number>();
  /** From accepting a request to its answer, in seconds; only of those that got one. */
  readonly answering = new Distribution(REQUEST_BOUNDS);
  readonly waiting = new Distribution(PART_BOUNDS);
  readonly computing = new Distribution(PART_BOUNDS);
  /** Seconds spent on requests that failed. */
  failingSeconds = 0;
  /** Rows that were run, and runs of a session: their quotient is the mean batch. */
  rows = 0;
  batches = 0;
  /** Runs by their rows, and the seconds they took; larger ones than anybody allows are counted together. */
  readonly batchesByRows = new Map<number, { count: number; computeSeconds: number }>();
  /** When the last request ended, in milliseconds since the epoch; 0 for never. */
  lastAtMs = 0;
  /** How long the last load took, from the fetch to the warm-up; undefined when it was not measured. */
  loadSeconds: number | undefined;

  constructor(
    readonly model: string,
    readonly version: number,
  ) {}

  get succeeded(): number {
    return this.outcomes.get('ok') ?? 0;
  }

  get failed(): number {
    let all = 0;
    for (const count of this.outcomes.values()) all += count;
    return all - this.succeeded;
  }

  answered(outcome: string, tookMs: number, atMs: number): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (outcome === 'ok') this.answering.add(tookMs / 1000);
    else this.failingSeconds += tookMs / 1000;
    this.lastAtMs = atMs;
  }

  ran({ rows, waitedMs, computeMs }: Ran): void {
    this.rows += rows;
    this.batches += 1;
    for (const ms of waitedMs) this.waiting.add(ms / 1000);
    this.computing.add(computeMs / 1000);
    const size = Math.min(rows, LARGEST_TOLD);
    const same = this.batchesByRows.get(size) ?? { count: 0, computeSeconds: 0 };
    same.count += 1;
    same.computeSeconds += computeMs / 1000;
    this.batchesByRows.set(size, same);
  }
}

/** A client may send any number of rows at a time: above this their sizes are not told apart. */
const LARGEST_TOLD = 64;

/** A model is promoted any number of times in the life of a process; the figures of its last versions are kept. */
const KEPT_VERSIONS = 5;

/** The figures of all versions that answered here. */
export class AllFigures {
  private readonly models = new Map<string, Map<number, VersionFigures>>();

  /** Those of one version; made when there are none yet. */
  of(model: string, version: number): VersionFigures {
    let versions = this.models.get(model);
    if (versions === undefined) this.models.set(model, (versions = new Map<number, VersionFigures>()));
    let figures = versions.get(version);
    if (figures === undefined) {
      figures = new VersionFigures(model, version);
      this.dropOldest(versions);
      versions.set(version, figures);
    }
    return figures;
  }

  find(model: string, version: number): VersionFigures | undefined {
    return this.models.get(model)?.get(version);
  }

  *all(): Iterable<VersionFigures> {
    for (const versions of this.models.values()) yield* versions.values();
  }

  forget(model: string): void {
    this.models.delete(model);
  }

  /** The one that has answered nothing for the longest time: of a version that serves, others have answered less lately. */
  private dropOldest(versions: Map<number, VersionFigures>): void {
    if (versions.size < KEPT_VERSIONS) return;
    const [oldest] = [...versions.values()].sort((a, b) => a.lastAtMs - b.lastAtMs);
    versions.delete(oldest.version);
  }
}
