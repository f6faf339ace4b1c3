import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { TensorSpec } from '#contracts';
import { PlatformError, messageOf } from '#runtime';
import type { Tensor } from '../tensor.js';
import { buffersOf, withBuffersOfTheirOwn } from './buffers-of.js';
import type { WorkerQuestion, WorkerReply, WorkerRequest } from './worker-messages.js';

export interface RunAnswer {
  outputs: Tensor[];
  /** What the thread spent on it, without the way there and back. */
  tookMs: number;
}

/** A loaded model on a thread. */
export interface ThreadSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Every row of the outputs depends on the same row of the inputs alone, by what the operators are. */
  readonly isRowWise: boolean;
  /**
   * Runs the model. The inputs' memory is handed over: the caller must not touch it afterwards. Outputs come without a copy.
   * @param outputNames the outputs wanted, in this order; all when absent.
   * @throws PlatformError INPUT_INVALID, MODEL_NOT_READY after `close`, SHUTTING_DOWN after the thread's `close`, WORKER_LOST
   */
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<RunAnswer>;
  /** Frees the model's memory after the calls made before; resolves when that is done, or the thread is gone. */
  close(): Promise<void>;
}

interface Pending {
  readonly id: number;
  resolve: (reply: WorkerReply) => void;
  reject: (error: PlatformError) => void;
}

/**
 * A thread that holds sessions: loading and running block that thread and never the caller's. Calls are worked on in the order in
 * which they were made. The thread is ended by `close` alone, after the last call: ending a thread inside onnxruntime aborts the process.
 */
export class SessionThread {
  /** Resolves when the thread ends without having been asked to; every pending call is then rejected with WORKER_LOST. */
  readonly lost: Promise<PlatformError>;

  /**
   * In the order in which they are answered. No map: of one that changes with every call V8 keeps what it once held, with all that
   * hangs on it, until the next full collection.
   */
  private pending: Pending[] = [];
  private readonly ready: Promise<void>;
  private readonly ended: Promise<void>;
  private nextId = 1;
  private failure: PlatformError | undefined;
  private closing: Promise<void> | undefined;

  /** Over a thread that runs `session-worker`; use `start`. */
  constructor(private readonly thread: Worker) {
    const becameReady = Promise.withResolvers<undefined>();
    const wasLost = Promise.withResolvers<PlatformError>();
    const hasEnded = Promise.withResolvers<undefined>();
    this.ready = becameReady.promise;
    this.lost = wasLost.promise;
    this.ended = hasEnded.promise;
    // Whoever awaits `start` hears of it; a worker lost later must not count as an unhandled rejection.
    this.ready.catch(() => undefined);
    const fail = (cause: unknown): void => {
      if (this.failure !== undefined) return;
      this.failure = new PlatformError('WORKER_LOST', `The worker of the model ended: ${messageOf(cause)}`, cause);
      becameReady.reject(this.failure);
      for (const { reject } of this.pending) reject(this.failure);
      this.pending = [];
      wasLost.resolve(this.failure);
    };
    thread.on('message', (reply: WorkerReply) => {
      if (reply.kind === 'ready') becameReady.resolve(undefined);
      else this.settle(reply);
    });
    thread.on('error', fail);
    thread.on('messageerror', (error) => {
      fail(error);
      // It still lives, and nobody would end it.
      thread.postMessage({ kind: 'close' });
    });
    thread.on('exit', (code) => {
      if (this.closing === undefined || this.pending.length > 0)
        fail(new Error(`its thread exited with ${String(code)}`));
      hasEnded.resolve(undefined);
    });
  }

  /**
   * Starts a thread and resolves when onnxruntime is loaded in it: a spare that then takes a model within milliseconds.
   * @throws PlatformError WORKER_LOST when the thread could not start.
   */
  static async start(): Promise<SessionThread> {
    const entry = createRequire(import.meta.url).resolve('#onnx/session-worker');
    const started = new SessionThread(new Worker(entry, { execArgv: [], name: 'sessions' }));
    await started.ready;
    return started;
  }

  get isLost(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Loads a model.
   * @param options.move hands the bytes' buffer over instead of copying it: for large files that the caller needs no more.
   * @throws PlatformError MODEL_FILE_INVALID, SHUTTING_DOWN after `close`, WORKER_LOST
   */
  async open(bytes: Uint8Array, { move = false }: { move?: boolean } = {}): Promise<ThreadSession> {
    const whole = bytes.byteLength === bytes.buffer.byteLength;
    // Posting a view clones all of the buffer below it: a small file read out of a large one would take that along.
    const sent = whole ? bytes : new Uint8Array(bytes);
    const moved = (move || !whole) && sent.buffer instanceof ArrayBuffer ? [sent.buffer] : [];
    const session = this.nextId++;
    const reply = await this.ask({ kind: 'open', id: session, session, bytes: sent }, moved);
    if (reply.kind !== 'opened') throw unexpected(reply);
    let released: Promise<void> | undefined;
    return {
      inputs: reply.inputs,
      outputs: reply.outputs,
      isRowWise: reply.isRowWise,
      run: (inputs, outputNames) => this.run(session, inputs, outputNames),
      close: () => (released ??= this.release(session)),
    };
  }

  /**
   * After the calls made before: what the thread does from here on gives way to other threads, or no longer does. Without effect where
   * the system would not let it come forward again.
   */
  stepBack(back: boolean): void {
    if (this.failure === undefined && this.closing === undefined)
      this.thread.postMessage({ kind: 'step-back', back } satisfies WorkerRequest);
  }

  /** Lets the calls that were made end, releases the models, and ends the thread. New calls are refused from now on. */
  close(): Promise<void> {
    // Requests are worked on in order, so this one comes after every call made before it.
    if (this.closing === undefined && this.failure === undefined) this.thread.postMessage({ kind: 'close' });
    this.closing ??= this.ended;
    return this.closing;
  }

  private async run(
    session: number,
    inputs: readonly Tensor[],
    outputNames: readonly string[] | undefined,
  ): Promise<RunAnswer> {
    const sent = withBuffersOfTheirOwn(inputs);
    const request: WorkerRequest = { kind: 'run', id: this.nextId++, session, inputs: sent, outputNames };
    const reply = await this.ask(request, buffersOf(sent));
    if (reply.kind !== 'answered') throw unexpected(reply);
    return reply;
  }

  private async release(session: number): Promise<void> {
    if (this.failure !== undefined || this.closing !== undefined) return;
    try {
      await this.ask({ kind: 'release', id: this.nextId++, session }, []);
    } catch (error) {
      // With its thread went the session.
      if (!(error instanceof PlatformError && error.code === 'WORKER_LOST')) throw error;
    }
  }

  private ask(request: WorkerQuestion, moved: ArrayBuffer[]): Promise<WorkerReply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.closing !== undefined)
      return Promise.reject(new PlatformError('SHUTTING_DOWN', 'The worker of the model is closing.'));
    return new Promise((resolve, reject) => {
      try {
        this.thread.postMessage(request, moved);
        this.pending.push({ id: request.id, resolve, reject });
      } catch (error) {
        const detail = `The input can't be handed to the worker: ${messageOf(error)}`;
        reject(new PlatformError('INPUT_INVALID', detail, error));
      }
    });
  }

  private settle(reply: Exclude<WorkerReply, { kind: 'ready' }>): void {
    const pending = this.pending.shift();
    if (pending?.id !== reply.id) pending?.reject(unexpected(reply));
    else if (reply.kind === 'failed') pending.reject(new PlatformError(reply.code, reply.detail));
    else pending.resolve(reply);
  }
}

const unexpected = (reply: WorkerReply): PlatformError =>
  new PlatformError('INTERNAL', `The worker answered "${reply.kind}" to another question.`);
