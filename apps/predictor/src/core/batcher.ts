import { checkInputs, checkOutputNames, type Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { BusyLanes } from './busy-lanes.js';
import { Fifo } from './fifo.js';
import { haveRows, joinable, joinRows } from './join-rows.js';
import type { Asker, HostedModel, Lane, LoadedModel } from './model-host.js';
import type { ServingLimits } from './serving-limits.js';
import type { Ran } from './version-figures.js';
import { deal, gone, isGone, outputsOf, refuse, Run, settle, type Waiting } from './waiting.js';

export interface BatcherOptions {
  readonly name: string;
  /** Rows that were proven to be answered together as alone; 1 when each request is run by itself. */
  readonly provenRows: number;
  readonly limits: ServingLimits;
}

/** Those who hung up give their places back within this time, and what only they wanted is not run on. */
const SWEEP_MS = 250;

/**
 * Hands the requests of one loaded version to its lanes: what waits while all are busy is run together as soon as one is free.
 * Requests of one turn of the event loop go together; there is no timer in the way when nothing waits.
 */
export class Batcher implements LoadedModel {
  readonly inputs;
  readonly outputs;
  readonly lost;
  private readonly queue = new Fifo<Waiting>();
  private readonly lanes: BusyLanes;
  private together: number;
  private readonly allOutputs: readonly string[];
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
    this.lanes = new BusyLanes(model);
    model.onLanes(() => {
      this.dispatch();
    });
    void model.lost.then((error) => {
      this.end(error instanceof PlatformError ? error : new PlatformError('WORKER_LOST', undefined, error));
    });
  }

  get pending(): number {
    return this.queue.length + this.lanes.pending;
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
      const { together, draining } = this;
      const lane = this.lanes.choose(next, { waiting: this.queue.length, together, draining });
      if (lane === undefined) return;
      void this.send(lane, this.take());
    }
    if (this.lanes.runs.length > 0) return;
    this.lanes.rest();
    this.idle?.();
  };

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
    this.lanes.begin(run);
    await this.answer(run);
    this.lanes.end(run);
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
      this.lanes.learn(run, tookMs);
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
    for (const { batch } of this.lanes.runs)
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
    for (const { batch } of this.lanes.runs)
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
