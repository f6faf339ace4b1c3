import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Looked at this often while files pass. */
const LOOK_MS = 20;
/** As much may be waiting to be freed; V8 itself lets far more of it gather while the machine is busy. */
const WAITING_BYTES = 24 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

/**
 * Frees the buffers of files that have passed. They lie outside of V8's heap, which takes them for small things and is in
 * no hurry: a file of gigabytes would leave a hundred megabytes behind at any moment. Only the young are looked at, which
 * takes about a millisecond.
 */
export class SweptBuffers {
  private transfers = 0;
  private timer: NodeJS.Timeout | undefined;
  private atRest = 0;
  private collect: Collect | undefined;

  /** To be called when a transfer begins; what it gives back, when it ends. */
  begin(): () => void {
    if (this.transfers++ === 0) this.start();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (--this.transfers === 0) clearInterval(this.timer);
    };
  }

  private start(): void {
    this.collect ??= exposed();
    this.atRest = process.memoryUsage().arrayBuffers;
    this.timer = setInterval(() => {
      const { arrayBuffers } = process.memoryUsage();
      if (arrayBuffers - this.atRest < WAITING_BYTES) return;
      this.collect?.({ type: 'minor' });
    }, LOOK_MS).unref();
  }
}

const exposed = (): Collect => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
};
