import { nodeBytesOf } from '#onnx';
import type { Logger } from '#runtime';
import { ModelHost, type HostedModel } from '../core/model-host.js';
import { sessionBytes } from '../core/memory-budget.js';
import { lines } from '../core/placement.js';
import { Turns } from '../core/turns.js';
import { endNow } from './end-now.js';
import { PlacedModel, type Room } from './placed-model.js';
import { SharedThreads } from './shared-threads.js';
import { SpareThreads } from './spare-threads.js';

/** Loads are proven beside the serving, so many at a time: each takes a core for itself while it lasts. */
const LOADS_AT_ONCE = 2;

/** Runs of small models that take long are taken off the shared threads; more of them would take the cores from all others. */
const ASIDES_AT_ONCE = 1;

/**
 * Models on worker threads. Each is opened and proven on a thread where nothing serves; small ones then share a fixed number of
 * threads, large ones keep theirs.
 */
export class WorkerModels extends ModelHost {
  private readonly spares: SpareThreads;
  private readonly shared: SharedThreads;
  private readonly loads = new Turns(LOADS_AT_ONCE);
  private readonly asides = new Turns(ASIDES_AT_ONCE);
  private isClosed = false;
  private readonly never = new AbortController().signal;

  constructor(
    private readonly workers: number,
    private readonly room: Room,
    private readonly logger: Logger,
  ) {
    super();
    this.spares = new SpareThreads(logger);
    this.shared = new SharedThreads(workers);
  }

  onModuleInit(): void {
    this.spares.refill();
  }

  async load(
    bytes: Uint8Array,
    again: () => Promise<Uint8Array | undefined>,
    opening: () => Promise<void>,
  ): Promise<HostedModel> {
    const done = await this.loads.take(false, this.never);
    try {
      const thread = await this.spares.take();
      try {
        await opening();
        thread.stepBack(true);
        const sizeBytes = bytes.length;
        const ownBytes = sessionBytes(sizeBytes, nodeBytesOf(bytes));
        const copy = sizeBytes <= lines.smallBytes ? bytes.slice() : undefined;
        const session = await thread.open(bytes, { move: true });
        const { spares, shared, workers, room, asides, logger } = this;
        const house = { spares, shared, workers, room, asides, logger };
        return new PlacedModel({ thread, session, sizeBytes, ownBytes, copy, done }, again, house);
      } catch (error) {
        this.spares.giveBack(thread);
        throw error;
      }
    } catch (error) {
      done();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.spares.close();
    await this.shared.close();
    this.isClosed = true;
  }

  abandon(): void {
    process.once('exit', (code) => {
      if (!this.isClosed) endNow(code);
    });
  }
}
