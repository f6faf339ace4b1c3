import { SessionThread } from '#onnx/runtime';
import { messageOf, type Logger } from '#runtime';

/** Threads that hold no model: one waits with onnxruntime loaded, so that a load need not pay for its start. */
export class SpareThreads {
  private spare: Promise<SessionThread> | undefined;
  private closed = false;
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly logger: Logger) {}

  /** Sees to it that one waits; called when nobody is in a hurry, for its start costs what serving needs. */
  refill(): void {
    if (!this.closed && this.spare === undefined) this.keep(SessionThread.start());
  }

  /** @throws PlatformError WORKER_LOST when none waits and none can be started. */
  async take(): Promise<SessionThread> {
    const { spare } = this;
    this.spare = undefined;
    const waiting = await spare?.catch(() => undefined);
    return waiting === undefined || waiting.isLost ? SessionThread.start() : waiting;
  }

  /** A thread whose sessions are released waits for the next load, or ends. */
  giveBack(thread: SessionThread): void {
    if (thread.isLost) return;
    if (this.spare === undefined && !this.closed) this.keep(Promise.resolve(thread));
    else this.end(thread);
  }

  async close(): Promise<void> {
    this.closed = true;
    const { spare } = this;
    this.spare = undefined;
    const thread = await spare?.catch(() => undefined);
    if (thread !== undefined) this.end(thread);
    await Promise.all(this.ending);
  }

  private keep(spare: Promise<SessionThread>): void {
    this.spare = spare;
    const drop = (error: Error): void => {
      if (this.spare !== spare) return;
      this.spare = undefined;
      this.logger.warn('The spare worker ended; the next load starts one of its own.', { error });
    };
    spare.then((thread) => thread.lost.then(drop), drop);
  }

  private end(thread: SessionThread): void {
    const ended = thread
      .close()
      .catch((error: unknown) => {
        this.logger.warn(`A worker did not close: ${messageOf(error)}`);
      })
      .finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }
}
