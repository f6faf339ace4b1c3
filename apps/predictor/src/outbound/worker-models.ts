import { ModelWorker } from '#onnx/runtime';
import { messageOf, type Logger } from '#runtime';
import { ModelHost, type LoadedModel } from '../core/model-host.js';

/** Loads each version into a worker thread of its own, and keeps one spare waiting: a swap then costs milliseconds. */
export class WorkerModels extends ModelHost {
  private spare: Promise<ModelWorker> | undefined;
  private closed = false;
  /** Threads that are being ended after a load that failed. */
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly logger: Logger) {
    super();
  }

  onModuleInit(): void {
    this.refill();
  }

  async load(bytes: Uint8Array): Promise<LoadedModel> {
    const worker = await this.take();
    try {
      const { inputs, outputs } = await worker.load(bytes, { move: true });
      return {
        inputs,
        outputs,
        lost: worker.lost,
        run: (tensors, outputNames) => worker.run(tensors, outputNames),
        close: () => worker.close(),
      };
    } catch (error) {
      this.end(worker);
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
      (worker) => worker.close(),
      () => undefined,
    );
    await Promise.all(this.ending);
  }

  private async take(): Promise<ModelWorker> {
    const spare = this.spare;
    this.spare = undefined;
    return (await spare?.catch(() => undefined)) ?? ModelWorker.start();
  }

  private refill(): void {
    if (this.closed || this.spare !== undefined) return;
    const spare = ModelWorker.start();
    this.spare = spare;
    const drop = (error: Error): void => {
      if (this.spare !== spare) return;
      this.spare = undefined;
      this.logger.warn('The spare worker ended; the next load starts one of its own.', { error });
    };
    spare.then((worker) => worker.lost.then(drop), drop);
  }

  private end(worker: ModelWorker): void {
    const ended = worker
      .close()
      .catch((error: unknown) => {
        this.logger.warn(`A worker did not close: ${messageOf(error)}`);
      })
      .finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }
}
