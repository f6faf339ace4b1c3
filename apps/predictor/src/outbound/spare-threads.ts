import { SessionThread } from '#onnx/runtime';
import { messageOf, type Logger } from '#runtime';

/** Threads that came back are kept, so many at most: two loads may run at a time, and starting a thread costs ten times a small load. */
const KEPT = 2;

/** Threads that hold no model: one waits with onnxruntime loaded, so that a load need not pay for its start. */
export class SpareThreads {
  private readonly spares: Promise<SessionThread>[] = [];
  private closed = false;
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly logger: Logger) {}

  /** Sees to it that one waits; called when nobody is in a hurry, for its start costs what serving needs. */
  refill(): void {
    if (!this.closed && this.spares.length === 0) this.keep(SessionThread.start());
  }

  /** @throws PlatformError WORKER_LOST when none waits and none can be started. */
  async take(): Promise<SessionThread> {
    const waiting = await this.spares.shift()?.catch(() => undefined);
    return waiting === undefined || waiting.isLost ? SessionThread.start() : waiting;
  }

  /** A thread whose sessions are released waits for the next load, or ends. */
  giveBack(thread: SessionThread): void {
    if (thread.isLost) return;
    // A load that failed left it where it was.
    thread.stepBack(false);
    if (this.spares.length < KEPT && !this.closed) this.keep(Promise.resolve(thread));
    else this.end(thread);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const spare of this.spares.splice(0)) {
      const thread = await spare.catch(() => undefined);
      if (thread !== undefined) this.end(thread);
    }
    await Promise.all(this.ending);
  }

  private keep(spare: Promise<SessionThread>): void {
    this.spares.push(spare);
    const drop = (error: Error): void => {
      const at = this.spares.indexOf(spare);
      if (at === -1) return;
      void this.spares.splice(at, 1);
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
