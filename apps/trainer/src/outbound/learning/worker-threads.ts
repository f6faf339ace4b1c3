import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf, PlatformError } from '#runtime';
import { LearningThreads } from '../../core/learning/learning-threads.js';
import type { LearningWork, WorkName } from '../../core/learning/learning-work.js';

/** What a thread is started with. */
export interface ThreadOrder {
  work: WorkName;
  input: unknown;
}

/** Each work on Node worker threads of its own, which end with it. */
export class WorkerThreads extends LearningThreads {
  constructor(readonly cores = availableParallelism()) {
    super();
  }

  async run<N extends WorkName>(
    work: N,
    threads: number,
    input: Parameters<LearningWork[N]>[0],
    onResult: Parameters<LearningWork[N]>[1],
  ): Promise<void> {
    const entry = createRequire(import.meta.url).resolve('#trainer/learning-thread');
    const started = Array.from(
      { length: threads },
      () => new Worker(entry, { workerData: { work, input } satisfies ThreadOrder, name: work }),
    );
    try {
      await Promise.all(started.map((thread) => ended(thread, onResult as (result: unknown) => void)));
    } finally {
      // After a failure the others must not go on; those that have ended take no notice.
      await Promise.all(started.map((thread) => thread.terminate()));
    }
  }
}

/** Resolves when the thread has done its work; rejects when it could not, or its results are not wanted. */
const ended = (thread: Worker, onResult: (result: unknown) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    thread.on('message', (result) => {
      try {
        onResult(result);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(messageOf(error)));
      }
    });
    thread.once('error', (error) => {
      reject(new PlatformError('TRAINING_FAILED', `A thread of the fit ended: ${messageOf(error)}`, error));
    });
    thread.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new PlatformError('TRAINING_FAILED', `A thread of the fit ended with exit code ${String(code)}.`));
    });
  });
