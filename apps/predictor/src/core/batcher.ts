import { checkInputs, checkOutputNames, type Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { Fifo } from './fifo.js';
import { haveRows, joinable, joinRows, rowsOf } from './join-rows.js';
import type { Asker, HostedModel, Lane, LoadedModel } from './model-host.js';
import type { ServingLimits } from './serving-limits.js';
import type { Ran } from './version-figures.js';

export interface BatcherOptions {
  readonly name: string;
  /** Rows that were proven to be answered together as alone; 1 when each request is run by itself. */
  readonly provenRows: number;
  readonly limits: ServingLimits;
}

interface Waiting {
  readonly inputs: readonly Tensor[];
  readonly outputNames: readonly string[];
  readonly rows: number;
  readonly joins: boolean;
  readonly asker: Asker | undefined;
  readonly sinceMs: number;
  readonly resolve: (outputs: Tensor[]) => void;
  readonly reject: (error: Error) => void;
}

interface Running {
  readonly lane: Lane;
  readonly batch: readonly Waiting[];
  readonly rows: number;
  readonly sinceMs: number;
}

/** While a run takes less than this, what waits is better run together next than at once on another thread: a hop costs as much. */
const WORTH_A_LANE_MS = 1;

/**
 * Lanes must be short for so long without one idle moment before a further one is asked for: a rush passes sooner than another copy of
 * the weights is opened, and its opening takes what serving needs, most of all in the midst of a swap.
 */
const SHORT_FOR_MS = 1_000;

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
  private readonly running: Running[] = [];
  private together: number;
  private readonly allOutputs: readonly string[];
  private inFlight = 0;
  private meanMs = 0;
  private shortSinceMs: number | undefined;
  private observer: (run: Ran) => void = () => undefined;
  private scheduled = false;
  private timer: NodeJS.Timeout | undefined;
  private ended: PlatformError | undefined;
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
    return this.queue.length + this.inFlight;
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
    for (const { reject } of this.queue.remove(isGone)) reject(gone());
    if (this.queue.length < limits.maxQueue) return;
    throw new PlatformError(
      'QUEUE_FULL',
      `${String(this.queue.length)} requests wait for "${name}" already; try again later, or raise PREDICTOR_MAX_QUEUE.`,
    );
  }

  private readonly dispatch = (): void => {
    this.scheduled = false;
    while (this.queue.length > 0) {
      const lane = this.freeLane();
      if (lane === undefined) return;
      const batch = this.take();
      if (batch.length > 0) void this.send(lane, batch);
    }
    if (this.pending > 0) return;
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

  private askForLane(): void {
    const nowMs = performance.now();
    this.shortSinceMs ??= nowMs;
    if (nowMs - this.shortSinceMs >= SHORT_FOR_MS) this.model.widen();
  }

  private isWorthALane(): boolean {
    if (this.meanMs > WORTH_A_LANE_MS || this.queue.length > this.together) return true;
    const nowMs = performance.now();
    for (const { rows, sinceMs } of this.running)
      if (rows > this.together || nowMs - sinceMs > WORTH_A_LANE_MS) return true;
    return false;
  }

  /** The next requests that can be run together. */
  private take(): Waiting[] {
    const batch: Waiting[] = [];
    let rows = 0;
    for (let next = this.queue.peek(); next !== undefined; next = this.queue.peek()) {
      if (isGone(next)) {
        this.queue.shift();
        next.reject(gone());
        continue;
      }
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
    const sinceMs = performance.now();
    const running = { lane, batch, rows: batch.reduce((sum, { rows }) => sum + rows, 0), sinceMs };
    this.running.push(running);
    this.inFlight += batch.length;
    await this.answer(lane, batch, sinceMs);
    this.running.splice(this.running.indexOf(running), 1);
    this.inFlight -= batch.length;
    this.meanMs += NEWEST * (performance.now() - sinceMs - this.meanMs);
    this.dispatch();
  }

  /** Settles every request of the batch; never rejects. */
  private async answer(lane: Lane, batch: readonly Waiting[], startMs: number): Promise<void> {
    try {
      const names = outputsOf(batch);
      const [only] = batch;
      const inputs = batch.length === 1 ? only.inputs : joinRows(batch.map((waiting) => waiting.inputs));
      const { outputs, tookMs } = await lane.run(inputs, names);
      const rows = batch.length === 1 ? only.rows : inputs[0].shape[0];
      if (batch.length === 1) only.resolve(outputs);
      else if (haveRows(outputs, rows)) deal(batch, names, outputs);
      else {
        // Which rows a request gets back depends on their values: the warm-up could not see that, and nobody may get another's.
        this.together = 1;
        await this.answerEach(lane, batch);
        return;
      }
      const waitedMs = batch.map(({ sinceMs }) => startMs - sinceMs);
      this.observer({ requests: batch.length, rows, waitedMs, computeMs: tookMs });
    } catch (error) {
      const fault = error instanceof Error ? error : new PlatformError('INTERNAL', String(error));
      if (batch.length === 1 || !(error instanceof PlatformError) || error.code !== 'INPUT_INVALID')
        for (const { reject } of batch) reject(fault);
      // One bad row spoils the run of all: by themselves, it fails alone.
      else await this.answerEach(lane, batch);
    }
  }

  private async answerEach(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) await this.answer(lane, [one], performance.now());
  }

  /** One timer for all that wait: requests come in the order in which their time runs out. */
  private watch(ms: number): void {
    this.timer ??= setTimeout(this.expire, ms).unref();
  }

  private readonly expire = (): void => {
    this.timer = undefined;
    const { name, limits } = this.options;
    const late = performance.now() - limits.timeoutMs;
    const error = new PlatformError(
      'ANSWER_TIMED_OUT',
      `The model "${name}" did not answer within ${String(limits.timeoutMs)} ms; try again when it has less to do.`,
    );
    for (const { batch } of this.running) for (const { sinceMs, reject } of batch) if (sinceMs <= late) reject(error);
    let oldest = this.queue.peek();
    for (; oldest !== undefined && oldest.sinceMs <= late; oldest = this.queue.peek()) {
      this.queue.shift();
      oldest.reject(error);
    }
    const next = this.running.flatMap(({ batch }) => batch).filter(({ sinceMs }) => sinceMs > late);
    const first = Math.min(oldest?.sinceMs ?? Infinity, ...next.map(({ sinceMs }) => sinceMs));
    // A millisecond more: timers count whole ones and may come early.
    if (first !== Infinity) this.watch(Math.max(1, first - late + 1));
    if (this.pending === 0) this.idle?.();
  };

  private end(error: PlatformError): void {
    this.ended ??= error;
    for (const { reject } of this.queue.remove(() => true)) reject(error);
    if (this.pending === 0) this.idle?.();
  }
}

const isGone = ({ asker }: Waiting): boolean => asker?.destroyed === true;

const gone = (): PlatformError => new PlatformError('CLIENT_GONE');

/** All outputs that somebody in the batch asked for. */
const outputsOf = (batch: readonly Waiting[]): readonly string[] => {
  const [{ outputNames }] = batch;
  let names = outputNames;
  for (const other of batch) for (const name of other.outputNames) if (!names.includes(name)) names = [...names, name];
  return names;
};

const deal = (batch: readonly Waiting[], names: readonly string[], outputs: readonly Tensor[]): void => {
  let from = 0;
  for (const { rows: count, outputNames, resolve } of batch) {
    resolve(outputNames.map((name) => rowsOf(outputs[names.indexOf(name)], from, count)));
    from += count;
  }
};
