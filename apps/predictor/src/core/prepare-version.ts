import { createHash } from 'node:crypto';
import type { ArtifactStore } from '#artifacts';
import type { ModelDeployed, ModelPromoted } from '#contracts';
import { messageOf, PlatformError, type Logger } from '#runtime';
import type { LastGoodCopies } from './last-good-copies.js';
import type { LoadedModel, ModelHost } from './model-host.js';
import { answerFault, graphFault, warmUpInputs } from './warm-up.js';

export type Step = NonNullable<ModelDeployed['step']>;

/** Why a version can't be served, and how far it came. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(
    readonly step: Step,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`${step}: ${reason}`, { cause });
  }
}

/** A store that sends nothing for so long is taken for dead; the retry asks again. */
const SILENT_STORE_MS = 30_000;

/** Brings a promoted version to where it can be swapped in: fetch → verify → load → warm-up. */
export class PrepareVersion {
  constructor(
    private readonly store: ArtifactStore,
    private readonly copies: LastGoodCopies,
    private readonly host: ModelHost,
    private readonly logger: Logger,
  ) {}

  /**
   * @returns a model that has answered once as its signature promises. Whoever gets it closes it.
   * @throws StepFailed with the step and a sentence for people; also when `signal` says that nobody waits any more.
   */
  async execute(promoted: ModelPromoted, signal: AbortSignal): Promise<LoadedModel> {
    const bytes = await this.bytesOf(promoted, signal);
    stopIfUnwanted(signal, 'load');
    const model = await at('load', () => this.host.load(bytes));
    try {
      const graph = graphFault(promoted.signature, model);
      if (graph !== undefined) throw new StepFailed('load', graph);
      stopIfUnwanted(signal, 'warm-up');
      const names = promoted.signature.outputs.map(({ name }) => name);
      const answer = await at('warm-up', () => model.run(warmUpInputs(promoted.signature), names));
      const fault = answerFault(promoted.signature, answer);
      if (fault !== undefined) throw new StepFailed('warm-up', fault);
      return model;
    } catch (error) {
      await model.close().catch((fault: unknown) => {
        this.logger.warn('A model that failed its checks did not close.', { error: fault });
      });
      throw error;
    }
  }

  /** From the disk when it is there, else from the store, checked and kept on the disk. */
  private async bytesOf(promoted: ModelPromoted, signal: AbortSignal): Promise<Uint8Array> {
    const { key, sha256, sizeBytes } = promoted.artifact;
    const kept = await this.copies.bytes(sha256).catch((error: unknown) => {
      this.logger.warn('The last-good copies could not be read; fetching from the store.', { sha256, error });
      return undefined;
    });
    if (kept !== undefined) return kept;
    const fetched = await at('fetch', () => this.fetch(key, sizeBytes, signal));
    const digest = createHash('sha256').update(fetched).digest('hex');
    if (digest !== sha256)
      throw new StepFailed(
        'verify',
        `DIGEST_MISMATCH: the bytes under ${key} are not those that were registered (sha-256 ${digest} instead of ${sha256}).`,
      );
    await this.copies.keep(promoted, fetched).catch((error: unknown) => {
      this.logger.warn('No last-good copy could be kept; a restart needs the store.', { sha256, error });
    });
    return fetched;
  }

  private async fetch(key: string, sizeBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const watch = new Watch(signal);
    try {
      const { body } = await watch.step(this.store.get(key));
      const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      const bytes = new Uint8Array(sizeBytes);
      let length = 0;
      try {
        for (;;) {
          const next = await watch.step(chunks.next());
          if (next.done === true) break;
          if (length + next.value.length > sizeBytes)
            throw new StepFailed(
              'verify',
              `DIGEST_MISMATCH: ${key} holds more than the ${String(sizeBytes)} bytes registered.`,
            );
          bytes.set(next.value, length);
          length += next.value.length;
        }
      } finally {
        body.destroy();
      }
      return bytes.subarray(0, length).slice();
    } finally {
      watch.end();
    }
  }
}

/** Ends a wait when nobody wants the answer any more, or when the other side says nothing for too long. */
class Watch {
  private readonly unwanted: Promise<never>;
  private readonly listener: () => void;

  constructor(private readonly signal: AbortSignal) {
    let stop: (error: Error) => void = () => undefined;
    this.unwanted = new Promise<never>((_, reject) => (stop = reject));
    this.unwanted.catch(() => undefined);
    this.listener = () => {
      stop(new StepFailed('fetch', 'A newer promotion took the place of this one.'));
    };
    if (signal.aborted) this.listener();
    signal.addEventListener('abort', this.listener);
  }

  async step<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new PlatformError('STORE_UNAVAILABLE', 'The artifact store sent nothing for 30 s.'));
      }, SILENT_STORE_MS);
    });
    // When another one wins the race, what this one ends with later is nobody's business.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, this.unwanted, silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.signal.removeEventListener('abort', this.listener);
  }
}

const stopIfUnwanted = (signal: AbortSignal, step: Step): void => {
  if (signal.aborted) throw new StepFailed(step, 'A newer promotion took the place of this one.');
};

const at = async <T>(step: Step, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StepFailed) throw error;
    throw new StepFailed(step, messageOf(error), error);
  }
};
