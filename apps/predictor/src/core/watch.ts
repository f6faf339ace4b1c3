import { PlatformError } from '#runtime';
import { unwanted } from './step-failed.js';

/** A store that sends nothing for so long is taken for dead; the retry asks again. */
const SILENT_STORE_MS = 30_000;

/** Ends a wait when nobody wants the answer any more, or when the other side says nothing for too long. */
export class Watch {
  private readonly stopped: Promise<never>;
  private readonly listener: () => void;

  constructor(private readonly signal: AbortSignal) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.stopped = promise;
    this.stopped.catch(() => undefined);
    this.listener = () => {
      reject(unwanted('fetch'));
    };
    if (signal.aborted) this.listener();
    signal.addEventListener('abort', this.listener);
  }

  /** @throws StepFailed when unwanted; PlatformError STORE_UNAVAILABLE after 30 s of silence. */
  async step<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new PlatformError('STORE_UNAVAILABLE', 'The artifact store sent nothing for 30 s.'));
      }, SILENT_STORE_MS);
    });
    try {
      return await this.unlessUnwanted(Promise.race([work, silence]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits as long as it takes, but not for what nobody wants. @throws StepFailed */
  async unlessUnwanted<T>(work: Promise<T>): Promise<T> {
    // When another one wins the race, what this one ends with later is nobody's business.
    work.catch(() => undefined);
    return Promise.race([work, this.stopped]);
  }

  end(): void {
    this.signal.removeEventListener('abort', this.listener);
  }
}
