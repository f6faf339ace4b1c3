import type { LearningWork, WorkName } from './learning-work.js';

/**
 * Threads beside the caller's, in the same process. Inputs are cloned unless they lie in shared memory; arrays in results are handed over.
 * Errors: `TRAINING_FAILED` when a thread ends by an error or for want of memory.
 */
export abstract class LearningThreads {
  /** Processors that this process may use, the caller's included. */
  abstract readonly cores: number;
  /**
   * Runs one work on so many threads at once, each with the same input; resolves when all of them have returned. It begins at once: a
   * caller that shares memory with the work may stay busy, or block, until the work has ended, and is then told the results.
   */
  abstract run<N extends WorkName>(
    work: N,
    threads: number,
    input: Parameters<LearningWork[N]>[0],
    onResult: Parameters<LearningWork[N]>[1],
  ): Promise<void>;
}
