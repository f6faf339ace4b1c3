import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { topics } from '#contracts';
import { EventBus } from '#messaging';
import { OutboxRelay } from '#messaging/postgres';
import { Clock, Logger, messageOf, Metrics } from '#runtime';
import { CollectGarbage } from './core/garbage/collect-garbage.js';
import { Fleet, FORGOTTEN_AFTER_MS } from './core/fleet.js';
import { DeliverWebhooks } from './core/webhooks/deliver-webhooks.js';
import { WebhookDeliveries } from './core/webhooks/webhook-deliveries.js';
import { PostgresEventFeed } from './outbound/postgres/postgres-event-feed.js';
import { PostgresOutbox } from './outbound/postgres/postgres-outbox.js';
import { RegistryDatabase } from './outbound/postgres/registry-database.js';

const RETRY_MS = 2_000;
const MEASURE_MS = 5_000;
const PRUNE_MS = 3_600_000;
/** The feed is replayed by dashboards that were away for a while, not an archive: as long as the longest topic but one. */
const KEEP_MS = 7 * 24 * 3_600_000;
/** How far back the log of webhook deliveries goes. */
const KEEP_DELIVERIES_MS = 30 * 24 * 3_600_000;

/** Starts what runs beside HTTP, each on its own, so that nothing that is away keeps the others from starting. */
@Injectable()
export class RegistryLifetime implements OnApplicationBootstrap, OnApplicationShutdown {
  private opening: Promise<void> | undefined;
  private closing = false;

  constructor(
    @Inject(RegistryDatabase) private readonly database: RegistryDatabase,
    @Inject(EventBus) private readonly bus: EventBus,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(DeliverWebhooks) private readonly webhooks: DeliverWebhooks,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.opening = this.open();
    void this.makeTopics();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true;
    await Promise.all([this.relay.stop(), this.webhooks.stop()]);
    await this.database.close();
    await this.opening;
  }

  private async open(): Promise<void> {
    await this.database.open();
    if (this.closing) return;
    this.relay.start();
    this.webhooks.start();
  }

  private async makeTopics(): Promise<void> {
    while (!this.closing) {
      try {
        await this.bus.ensureTopics(topics());
        return;
      } catch (error) {
        this.logger.warn(`The topics could not be made yet; trying again: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }
}

/** What is measured and tidied from time to time. */
@Injectable()
export class RegistryRoutines implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(PostgresOutbox) private readonly outbox: PostgresOutbox,
    @Inject(PostgresEventFeed) private readonly feed: PostgresEventFeed,
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.every(MEASURE_MS, async () => {
      this.metrics.gauge('baton_registry_outbox_oldest_unsent_seconds', await this.outbox.oldestUnsentSeconds());
    });
    this.every(PRUNE_MS, async () => {
      await this.feed.prune(KEEP_MS);
      await this.outbox.prune(KEEP_MS);
      await this.fleet.forget(this.clock.now() - FORGOTTEN_AFTER_MS);
    });
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private every(ms: number, work: () => Promise<void>): void {
    this.timers.push(every(ms, work, this.logger));
  }
}

/** Tidies the log of webhook deliveries. */
@Injectable()
export class WebhookRoutines implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(WebhookDeliveries) private readonly deliveries: WebhookDeliveries,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const prune = async () => {
      await this.deliveries.prune(KEEP_DELIVERIES_MS);
    };
    this.timer = every(PRUNE_MS, prune, this.logger);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}

/** A database that is away is told by those who need it; these jobs wait for the next turn. */
const every = (ms: number, work: () => Promise<void>, logger: Logger): NodeJS.Timeout =>
  setInterval(() => {
    work().catch((error: unknown) => {
      logger.debug(`A routine of the registry did not run: ${messageOf(error)}`);
    });
  }, ms);

/** Ends uploads that clients gave up, without waiting for somebody to collect garbage. */
@Injectable()
export class UploadRoutine implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CollectGarbage) private readonly collect: CollectGarbage,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.collect.uploads(true, []).catch((error: unknown) => {
        this.logger.debug(`Uploads that were given up could not be ended: ${messageOf(error)}`);
      });
    }, PRUNE_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}

@Module({ providers: [RegistryLifetime, RegistryRoutines, WebhookRoutines] })
export class LifetimeModule {}
