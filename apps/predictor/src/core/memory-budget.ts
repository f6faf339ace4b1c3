import type { Memory } from './memory.js';
import { StepFailed } from './step-failed.js';
import { Watch } from './watch.js';

const MB = 1024 * 1024;

/** For the thread and the requests that go on meanwhile. */
export const headroomBytes = 60 * MB;

/** A file of weights is in memory beside what the runtime reads out of it, makes of that, and arranges for its processor. */
const COPIES_OF_WEIGHTS = 4;

/** Of the tables of trees, a few bytes a number in the file, the runtime makes lists of large numbers and texts, several times over. */
const COPIES_OF_NODES = 19;

/**
 * What a session of a file may take at its peak, as `npm run bench -- load-memory` measures it.
 * @param nodeBytes how much of the file is operators with their attributes; taken for nothing while it is not known
 */
export const sessionBytes = (sizeBytes: number, nodeBytes = 0): number =>
  COPIES_OF_WEIGHTS * (sizeBytes - nodeBytes) + COPIES_OF_NODES * nodeBytes;

/** What loading such a file may take, the old version untouched. */
export const neededBytes = (sizeBytes: number, nodeBytes = 0): number =>
  headroomBytes + sessionBytes(sizeBytes, nodeBytes);

/**
 * Lets a load begin only when there is room for it: a process that takes more than its container may have is killed, and with
 * it every model it serves. Loads that would fit one after the other wait for each other.
 */
export class MemoryBudget {
  private reservedBytes = 0;
  private given = Promise.withResolvers<undefined>();

  constructor(private readonly memory: Memory) {}

  /** Takes so much room; what is returned gives it back. @throws StepFailed at `load` when there is not enough. */
  async reserve(needed: number, signal: AbortSignal): Promise<() => void> {
    const watch = new Watch(signal);
    try {
      for (;;) {
        const available = (await watch.unlessUnwanted(this.memory.availableBytes())) ?? Infinity;
        if (needed <= available - this.reservedBytes) return this.take(needed);
        if (this.reservedBytes === 0) throw tooLittle(needed, available);
        await watch.unlessUnwanted(this.given.promise);
      }
    } finally {
      watch.end();
    }
  }

  /** Takes room for one more session of a model that serves, if there is some at this moment; what is returned gives it back. */
  async spare(needed: number): Promise<(() => void) | undefined> {
    const available = (await this.memory.availableBytes()) ?? Infinity;
    return needed <= available - this.reservedBytes ? this.take(needed) : undefined;
  }

  private take(bytes: number): () => void {
    this.reservedBytes += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.reservedBytes -= bytes;
      this.given.resolve(undefined);
      this.given = Promise.withResolvers<undefined>();
    };
  }
}

const tooLittle = (needed: number, available: number): StepFailed =>
  new StepFailed(
    'load',
    `MEMORY_TOO_LOW: loading it may take ${megabytes(needed)}, and ${megabytes(available)} are left of what this process was given. Give it more memory, or let PREDICTOR_MODELS name fewer models.`,
  );

const megabytes = (bytes: number): string => `${String(Math.ceil(bytes / MB))} MB`;
