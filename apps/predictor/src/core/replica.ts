import type { EventBus } from '#messaging';
import type { Clock, Logger } from '#runtime';
import type { Deployments } from './deployments.js';
import type { ModelDirectory } from './model-directory.js';
import type { ModelHost } from './model-host.js';
import { notReadyBecause } from './readiness.js';

/** How often the bus is asked whether it is there, while the promotions on it have not been read. */
const LOOK_AT_BUS_MS = 1_000;

/** Time for load balancers to see "not ready" while requests are still taken. */
const NOT_READY_FIRST_MS = 300;

/** When every request is answered, what still runs can't be stopped and is for nobody; what is written to the disk is written by then. */
const LEFT_BEHIND_MS = 3_000;

/** The life of this process: starts from the last-good copies, catches up with the bus, says whether it is ready, ends in order. */
export class Replica {
  private stopping = false;
  private busAnswers = true;
  private looking: NodeJS.Timeout | undefined;
  private readonly startedMs: number;

  constructor(
    private readonly directory: ModelDirectory,
    private readonly bus: EventBus,
    private readonly host: ModelHost,
    private readonly deployments: Deployments,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.startedMs = clock.now();
  }

  async onModuleInit(): Promise<void> {
    try {
      await this.directory.restore();
    } catch (error) {
      this.logger.error('The last-good copies could not be read; starting without them.', { error });
    }
    void this.lookAtBus();
  }

  /** What lay in `model.promoted` at the start has been read. */
  catchUp(): void {
    clearTimeout(this.looking);
    this.directory.catchUp();
    this.logger.info('The promotions that lay on the bus are read.', { models: this.directory.models().length });
  }

  /** Undefined when ready, else why not. */
  notReady(): string | undefined {
    return notReadyBecause({
      stopping: this.stopping,
      caughtUp: this.directory.caughtUp,
      busAnswers: this.busAnswers,
      waitedMs: this.clock.now() - this.startedMs,
      models: this.directory.readiness(),
    });
  }

  /** Not ready first; the sockets close after it. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.looking);
    await new Promise((resolve) => setTimeout(resolve, NOT_READY_FIRST_MS));
    await this.deployments.leave();
  }

  /** The sockets are closed and every request is answered: now the models may go. */
  async onApplicationShutdown(): Promise<void> {
    const closed = this.directory.close().then(() => this.host.close());
    if (await isWithin(closed, LEFT_BEHIND_MS)) return;
    this.logger.info('What still runs, nobody waits for: it is left behind.');
    this.host.abandon();
  }

  private async lookAtBus(): Promise<void> {
    const answers = await this.bus.healthy().catch(() => false);
    if (answers !== this.busAnswers && !this.directory.caughtUp)
      this.logger.warn(
        answers
          ? 'The bus answers; reading what was promoted meanwhile.'
          : 'The bus does not answer: the last-good copies are served until it does.',
      );
    this.busAnswers = answers;
    if (this.stopping || this.directory.caughtUp) return;
    this.looking = setTimeout(() => void this.lookAtBus(), LOOK_AT_BUS_MS);
  }
}

/** Rejects as `work` does. */
const isWithin = async (work: Promise<void>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, ms);
  });
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
};
