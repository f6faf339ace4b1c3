import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ModelArtifact } from '#contracts';
import { messageOf, type Settings } from '#runtime';
import { ModelSource, type FetchedModel } from '../core/model-source.js';
import { StepFailed } from '../core/step-failed.js';
import type { FetchOrder, FetchQuestion, FetchReply, FetchRequest } from './fetch-messages.js';

type FetchAnswer = Exclude<FetchReply, { kind: 'ready' | 'kept' | 'failed' }>;

interface Started {
  thread: Worker;
  ready: Promise<void>;
}

/** A question, until it is answered; a download until it is on the disk as well. */
interface Asked {
  resolve: (reply: FetchAnswer) => void;
  reject: (error: Error) => void;
  kept: () => void;
}

/**
 * Disk and store on a thread of their own (`fetch-thread`): each byte of a model is read, hashed and written, which would take a fifth of
 * the thread that answers requests while a large one comes. A thread that was lost is replaced at the next call.
 */
export class ThreadedSource extends ModelSource {
  private started: Started | undefined;
  private readonly asked = new Map<number, Asked>();
  private nextId = 1;

  constructor(private readonly settings: Settings) {
    super();
  }

  /** @throws Error when the thread can not start, as when the settings name no whole store. */
  async onModuleInit(): Promise<void> {
    this.started ??= this.start();
    await this.started.ready;
  }

  async read(artifact: ModelArtifact): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const reply = await this.ask({ kind: 'read', id: this.nextId++, artifact });
    return reply.kind === 'read' ? reply.bytes : undefined;
  }

  async download(artifact: ModelArtifact, signal: AbortSignal): Promise<FetchedModel> {
    const id = this.nextId++;
    const stop = (): void => {
      this.started?.thread.postMessage({ kind: 'stop', id } satisfies FetchRequest);
    };
    const { promise: kept, resolve } = Promise.withResolvers<undefined>();
    const asked = this.ask({ kind: 'download', id, artifact }, () => {
      resolve(undefined);
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      const reply = await asked;
      if (reply.kind !== 'downloaded') throw new StepFailed('fetch', `The download was answered by "${reply.kind}".`);
      return { bytes: reply.bytes, kept };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** What is being downloaded is cut; what came of it stays on the disk. */
  async close(): Promise<void> {
    await this.started?.thread.terminate();
  }

  private ask(request: FetchQuestion, kept = (): void => undefined): Promise<FetchAnswer> {
    this.started ??= this.start();
    const { thread } = this.started;
    return new Promise((resolve, reject) => {
      this.asked.set(request.id, { resolve, reject, kept });
      thread.ref();
      thread.postMessage(request);
    });
  }

  /** @throws StepFailed when the system gives no further thread. */
  private start(): Started {
    const thread = this.newThread();
    const ready = new Promise<void>((resolve, reject) => {
      let lost = new StepFailed('fetch', 'The thread that fetches models ended.');
      thread.on('message', (reply: FetchReply) => {
        if (reply.kind === 'ready') resolve();
        else this.hear(reply);
        this.restIfIdle(thread);
      });
      thread.on('error', (error) => {
        lost = new StepFailed('fetch', `The thread that fetches models ended: ${messageOf(error)}`, error);
      });
      thread.on('exit', () => {
        reject(lost);
        this.lose(thread, lost);
      });
    });
    ready.catch(() => undefined);
    return { thread, ready };
  }

  private newThread(): Worker {
    const entry = createRequire(import.meta.url).resolve('#predictor/fetch-thread');
    const { settings } = this;
    try {
      return new Worker(entry, { execArgv: [], name: 'fetch', workerData: { settings } satisfies FetchOrder });
    } catch (error) {
      throw new StepFailed('fetch', `The thread that fetches models could not start: ${messageOf(error)}`, error);
    }
  }

  private hear(reply: Exclude<FetchReply, { kind: 'ready' }>): void {
    const asked = this.asked.get(reply.id);
    if (reply.kind !== 'downloaded') this.asked.delete(reply.id);
    if (reply.kind === 'kept') asked?.kept();
    else if (reply.kind === 'failed') asked?.reject(new StepFailed(reply.step, reply.reason, reply.cause));
    else asked?.resolve(reply);
  }

  /** A process that ends is not held up by a thread that has nothing to do. */
  private restIfIdle(thread: Worker): void {
    if (this.asked.size === 0) thread.unref();
  }

  private lose(thread: Worker, lost: StepFailed): void {
    if (this.started?.thread === thread) this.started = undefined;
    for (const { reject, kept } of this.asked.values()) {
      reject(lost);
      kept();
    }
    this.asked.clear();
  }
}
