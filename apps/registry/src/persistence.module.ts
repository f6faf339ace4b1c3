import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { EventPublisher } from '#messaging';
import { OutboxRelay, outboxRowOf } from '#messaging/postgres';
import { Clock, Metrics, required, type Logger, type Settings } from '#runtime';
import { construct } from '#runtime/nest';
import { PromotionAnnouncements, RegistrationAnnouncements, TrainingAnnouncements } from './core/announcements.js';
import { EvaluationDatasets } from './core/evaluation-datasets.js';
import { EventFeed } from './core/event-feed.js';
import { Experiments } from './core/experiments.js';
import { Fleet } from './core/fleet.js';
import { FrozenBlobs } from './core/frozen-blobs.js';
import { GarbageRecords } from './core/garbage/garbage.js';
import { LoggedModels } from './core/logged-models.js';
import { MetricHistory } from './core/metric-history.js';
import { PromotionPolicies, Promotions } from './core/promotions.js';
import { ModelVersions, RegisteredModels } from './core/registered-models.js';
import { RunData, Runs } from './core/runs.js';
import { TrainingRequests } from './core/training-requests.js';
import { Transactions } from './core/transactions.js';
import { AnnounceChange } from './core/webhooks/announce-change.js';
import { AnnouncingModelVersions } from './core/webhooks/announcing-model-versions.js';
import { AnnouncingRegisteredModels } from './core/webhooks/announcing-registered-models.js';
import { WebhookDeliveries } from './core/webhooks/webhook-deliveries.js';
import { ModelPromotedRelay } from './outbound/model-promoted.relay.js';
import { ModelRegisteredRelay } from './outbound/model-registered.relay.js';
import { LogWriter } from './outbound/postgres/log-writer.js';
import { PostgresEvaluationDatasets } from './outbound/postgres/postgres-evaluation-datasets.js';
import { PostgresEventFeed } from './outbound/postgres/postgres-event-feed.js';
import { PostgresExperiments } from './outbound/postgres/postgres-experiments.js';
import { PostgresFleet } from './outbound/postgres/postgres-fleet.js';
import { PostgresFrozenBlobs } from './outbound/postgres/postgres-frozen-blobs.js';
import { PostgresGarbageRecords } from './outbound/postgres/postgres-garbage-records.js';
import { PostgresLoggedModels } from './outbound/postgres/postgres-logged-models.js';
import { PostgresMetricHistory } from './outbound/postgres/postgres-metric-history.js';
import { PostgresModelVersions } from './outbound/postgres/postgres-model-versions.js';
import { PostgresOutbox } from './outbound/postgres/postgres-outbox.js';
import { PostgresPromotionPolicies, PostgresPromotions } from './outbound/postgres/postgres-promotions.js';
import { PostgresRegisteredModels } from './outbound/postgres/postgres-registered-models.js';
import { PostgresRunData } from './outbound/postgres/postgres-run-data.js';
import { PostgresRuns } from './outbound/postgres/postgres-runs.js';
import { PostgresTrainingRequests } from './outbound/postgres/postgres-training-requests.js';
import { PostgresTransactions } from './outbound/postgres/postgres-transactions.js';
import { RegistryDatabase } from './outbound/postgres/registry-database.js';
import { TrainingCancelRequestedRelay } from './outbound/training-cancel-requested.relay.js';
import { TrainingRequestedRelay } from './outbound/training-requested.relay.js';
import { webhookProviders } from './webhooks.module.js';

/** Binds a port to the adapter that keeps its promise. */
const as = (port: abstract new (...args: never[]) => object, adapter: Provider & { provide: unknown }): Provider =>
  ({ ...adapter, provide: port }) as Provider;

const ports: Provider[] = [
  as(Transactions, construct(PostgresTransactions, RegistryDatabase)),
  as(Experiments, construct(PostgresExperiments, RegistryDatabase, Clock)),
  as(Runs, construct(PostgresRuns, RegistryDatabase, Clock)),
  construct(LogWriter, RegistryDatabase),
  as(RunData, construct(PostgresRunData, RegistryDatabase, LogWriter)),
  as(MetricHistory, construct(PostgresMetricHistory, RegistryDatabase)),
  as(LoggedModels, construct(PostgresLoggedModels, RegistryDatabase, Experiments, Clock)),
  construct(PostgresRegisteredModels, RegistryDatabase, Clock),
  construct(PostgresModelVersions, RegistryDatabase, Clock),
  // Everybody's registered models and versions are those that tell webhooks what changes.
  construct(AnnounceChange, WebhookDeliveries, PostgresRegisteredModels, Clock),
  as(RegisteredModels, construct(AnnouncingRegisteredModels, PostgresRegisteredModels, Transactions, AnnounceChange)),
  as(ModelVersions, construct(AnnouncingModelVersions, PostgresModelVersions, Transactions, AnnounceChange)),
  as(EvaluationDatasets, construct(PostgresEvaluationDatasets, RegistryDatabase, Clock)),
  as(Promotions, construct(PostgresPromotions, RegistryDatabase)),
  as(PromotionPolicies, construct(PostgresPromotionPolicies, RegistryDatabase)),
  as(TrainingRequests, construct(PostgresTrainingRequests, RegistryDatabase)),
  as(FrozenBlobs, construct(PostgresFrozenBlobs, RegistryDatabase)),
  as(GarbageRecords, construct(PostgresGarbageRecords, RegistryDatabase)),
  as(Fleet, construct(PostgresFleet, RegistryDatabase)),
  construct(PostgresEventFeed, RegistryDatabase),
  { provide: EventFeed, useExisting: PostgresEventFeed },
  as(PromotionAnnouncements, construct(ModelPromotedRelay, PostgresOutbox, PostgresEventFeed, Transactions, Metrics)),
  as(RegistrationAnnouncements, construct(ModelRegisteredRelay, PostgresOutbox)),
  construct(TrainingCancelRequestedRelay, PostgresOutbox, PostgresEventFeed),
  as(TrainingAnnouncements, construct(TrainingRequestedRelay, PostgresOutbox, TrainingCancelRequestedRelay)),
];

/** Everything that lies in Postgres, and the outbox on its way to the bus. */
@Module({})
export class PersistenceModule {
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    const url = required(settings, 'DATABASE_URL');
    const outside: Provider[] = [
      { provide: RegistryDatabase, useFactory: () => new RegistryDatabase(url, logger) },
      {
        provide: OutboxRelay,
        inject: [EventPublisher, Metrics],
        useFactory: (publisher: EventPublisher, metrics: Metrics) =>
          new OutboxRelay({
            connectionString: url,
            table: 'registry.outbox',
            publisher,
            pollMs: settings.OUTBOX_POLL_MS,
            logger,
            crashAt: settings.CRASH_AT,
            onPublished: ({ topic }) => {
              metrics.count('baton_registry_outbox_published_total', { topic });
            },
          }),
      },
      {
        provide: PostgresOutbox,
        inject: [RegistryDatabase, OutboxRelay],
        useFactory: (database: RegistryDatabase, relay: OutboxRelay) =>
          new PostgresOutbox(database, outboxRowOf, () => {
            relay.nudge();
          }),
      },
    ];
    const providers = [...outside, ...webhookProviders(settings, logger), ...ports];
    return { module: PersistenceModule, global: true, providers, exports: providers.map(tokenOf) };
  }
}

const tokenOf = (provider: Provider) => (typeof provider === 'function' ? provider : provider.provide);
