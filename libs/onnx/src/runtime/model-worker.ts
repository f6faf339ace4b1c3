import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { TensorSpec } from '#contracts';
import { PlatformError, messageOf } from '#runtime';
import type { Tensor } from '../tensor.js';
import type { WorkerReply, WorkerRequest } from './worker-messages.js';

/** The tensors of a loaded model. */
export interface LoadedModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

interface Pending {
  resolve: (reply: WorkerReply) => void;
  reject: (error: PlatformError) => void;
}

/**
 * One model on a thread of its own: loading and running block that thread and never the caller's. Calls are worked on in the order in
 * which they were made. The thread is ended by `close` alone, after the last call: ending a thread inside onnxruntime aborts the process.
 */
export class ModelWorker {
  /** Resolves when the thread ends without having been asked to; every pending call is then rejected with WORKER_LOST. */
  readonly lost: Promise<PlatformError>;

  private readonly pending = new Map<number, Pending>();
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
      for (const { reject } of this.pending.values()) reject(this.failure);
      this.pending.clear();
      wasLost.resolve(this.failure);
    };
    thread.on('message', (reply: WorkerReply) => {
      if (reply.kind === 'ready') becameReady.resolve(undefined);
      else this.settle(reply);
    });
    thread.on('error', fail);
    thread.on('messageerror', fail);
    thread.on('exit', (code) => {
      if (this.closing === undefined || this.pending.size > 0)
        fail(new Error(`its thread exited with ${String(code)}`));
      hasEnded.resolve(undefined);
    });
  }

  /**
   * Starts a thread and resolves when onnxruntime is loaded in it: a spare that then takes a model within milliseconds.
   * @throws PlatformError WORKER_LOST when the thread could not start.
   */
  static async start(): Promise<ModelWorker> {
    const entry = createRequire(import.meta.url).resolve('#onnx/session-worker');
    const worker = new ModelWorker(new Worker(entry, { execArgv: [], name: 'model' }));
    await worker.ready;
    return worker;
  }

  /**
   * Loads a model; a worker holds one in its life. When the file is refused, another may be tried.
   * @param options.move hands the bytes' buffer over instead of copying it: for large files that the caller needs no more.
   * @throws PlatformError MODEL_FILE_INVALID, CONFLICT, WORKER_LOST
   */
  async load(bytes: Uint8Array, { move = false }: { move?: boolean } = {}): Promise<LoadedModel> {
    const whole = bytes.byteLength === bytes.buffer.byteLength;
    // Posting a view clones all of the buffer below it: a small file read out of a large one would take that along.
    const sent = whole ? bytes : bytes.slice();
    const moved = (move || !whole) && sent.buffer instanceof ArrayBuffer ? [sent.buffer] : [];
    const reply = await this.ask((id) => ({ kind: 'load', id, bytes: sent }), moved);
    if (reply.kind !== 'loaded') throw unexpected(reply);
    return { inputs: reply.inputs, outputs: reply.outputs };
  }

  /**
   * Runs the model. The inputs are copied at once and stay the caller's; outputs are moved here without a copy.
   * @throws PlatformError INPUT_INVALID, MODEL_NOT_READY before a model is loaded, SHUTTING_DOWN after `close`, WORKER_LOST
   */
  async run(inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Tensor[]> {
    const copies = inputs.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
    const buffers = copies.flatMap(({ data }) => (Array.isArray(data) ? [] : [data.buffer]));
    const reply = await this.ask((id) => ({ kind: 'run', id, inputs: copies, outputNames }), buffers);
    if (reply.kind !== 'answered') throw unexpected(reply);
    return reply.outputs;
  }

  /** Lets the calls that were made end, releases the model, and ends the thread. New calls are refused from now on. */
  close(): Promise<void> {
    // Requests are worked on in order, so this one comes after every call made before it.
    if (this.closing === undefined && this.failure === undefined) this.post({ kind: 'close' });
    this.closing ??= this.ended;
    return this.closing;
  }

  private ask(request: (id: number) => WorkerRequest, moved: ArrayBuffer[]): Promise<WorkerReply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.closing !== undefined)
      return Promise.reject(new PlatformError('SHUTTING_DOWN', 'The worker of the model is closing.'));
    const id = this.nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<WorkerReply>();
    this.pending.set(id, { resolve, reject });
    try {
      this.post(request(id), moved);
    } catch (error) {
      this.pending.delete(id);
      reject(new PlatformError('INPUT_INVALID', `The input can't be handed to the worker: ${messageOf(error)}`, error));
    }
    return promise;
  }

  private settle(reply: Exclude<WorkerReply, { kind: 'ready' }>): void {
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.kind === 'failed') pending?.reject(new PlatformError(reply.code, reply.detail));
    else pending?.resolve(reply);
  }

  private post(request: WorkerRequest, moved: ArrayBuffer[] = []): void {
    this.thread.postMessage(request, moved);
  }
}

const unexpected = (reply: WorkerReply): PlatformError =>
  new PlatformError('INTERNAL', `The worker answered "${reply.kind}" to another question.`);
