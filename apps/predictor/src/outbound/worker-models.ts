import { SessionThread } from '#onnx/runtime';
import { messageOf, type Logger } from '#runtime';
import { ModelHost, type HostedModel } from '../core/model-host.js';

/** Loads each version into a worker thread of its own, and keeps one spare waiting: a swap then costs milliseconds. */
export class WorkerModels extends ModelHost {
  private spare: Promise<SessionThread> | undefined;
  private closed = false;
  /** Threads that are being ended after a load that failed. */
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly logger: Logger) {
    super();
  }

  onModuleInit(): void {
    this.refill();
  }

  async load(bytes: Uint8Array): Promise<HostedModel> {
    const thread = await this.take();
    try {
      const session = await thread.open(bytes, { move: true });
      return {
        inputs: session.inputs,
        outputs: session.outputs,
        lost: thread.lost,
        lanes: [session],
        onLanes: () => undefined,
        settle: () => undefined,
        widen: () => undefined,
        close: () => thread.close(),
      };
    } catch (error) {
      this.end(thread);
      throw error;
    } finally {
      this.refill();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const spare = this.spare;
    this.spare = undefined;
    await spare?.then(
      (thread) => thread.close(),
      () => undefined,
    );
    await Promise.all(this.ending);
  }

  private async take(): Promise<SessionThread> {
    const spare = this.spare;
    this.spare = undefined;
    return (await spare?.catch(() => undefined)) ?? SessionThread.start();
  }

  private refill(): void {
    if (this.closed || this.spare !== undefined) return;
    const spare = SessionThread.start();
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
