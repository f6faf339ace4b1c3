import type { Memory } from './memory.js';
import { StepFailed } from './step-failed.js';
import { Watch } from './watch.js';

const MB = 1024 * 1024;

/** While a model is loaded its file is in memory beside what the runtime makes of it, twice over at the peak. */
const COPIES_AT_PEAK = 3;

/** For the thread, the arena and the requests that go on meanwhile. */
const HEADROOM_BYTES = 24 * MB;

/** What loading a file of this size may take at its peak, the old version untouched. */
export const neededBytes = (sizeBytes: number): number => HEADROOM_BYTES + COPIES_AT_PEAK * sizeBytes;

/**
 * Lets a load begin only when there is room for it: a process that takes more than its container may have is killed, and with
 * it every model it serves. Loads that would fit one after the other wait for each other.
 */
export class MemoryBudget {
  private reservedBytes = 0;
  private given = Promise.withResolvers<undefined>();

  constructor(private readonly memory: Memory) {}

  /** Takes room for a model of this size; what is returned gives it back. @throws StepFailed at `load` when there is not enough. */
  async reserve(sizeBytes: number, signal: AbortSignal): Promise<() => void> {
    const needed = neededBytes(sizeBytes);
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

  /** Takes room for one more copy of a model that serves, if there is some at this moment; what is returned gives it back. */
  async spare(sizeBytes: number): Promise<(() => void) | undefined> {
    const needed = neededBytes(sizeBytes);
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
