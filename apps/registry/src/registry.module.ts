import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { ArtifactInventory, ArtifactStore } from '#artifacts';
import { ArtifactStoreModule } from '#artifacts/nest';
import { openApi } from '#contracts';
import { EventBusModule } from '#messaging/nest';
import { Clock, Logger, Metrics, SystemClock, type Settings } from '#runtime';
import { construct, DocsModule, MetricsModule } from '#runtime/nest';
import { PromotionAnnouncements, RegistrationAnnouncements } from './core/announcements.js';
import { ApplyPromotionPolicy } from './core/apply-promotion-policy.js';
import { AttachServable } from './core/attach-servable.js';
import { CreateModel } from './core/create-model.js';
import { EvaluationDatasets } from './core/evaluation-datasets.js';
import { EventFeed } from './core/event-feed.js';
import { FollowLabels } from './core/follow-labels.js';
import { FreezeModel } from './core/freeze-model.js';
import { FrozenBlobs } from './core/frozen-blobs.js';
import { FrozenFiles } from './core/frozen-files.js';
import { CollectGarbage } from './core/garbage/collect-garbage.js';
import { GarbageRecords } from './core/garbage/garbage.js';
import { HearEvent } from './core/hear-event.js';
import { ListArtifacts } from './core/list-artifacts.js';
import { LoggedModels } from './core/logged-models.js';
import { MarkVersion } from './core/mark-version.js';
import { MlModelParser, ModelDirectory } from './core/model-directory.js';
import { ModelsAndPlans } from './core/models-and-plans.js';
import { MovePointer } from './core/move-pointer.js';
import { Presets } from './core/presets.js';
import { PromoteModel } from './core/promote-model.js';
import { PromotionPolicies, Promotions } from './core/promotions.js';
import { ReceiveServable } from './core/receive-servable.js';
import { RegisterVersion } from './core/register-version.js';
import { MergeRecords } from './core/merge-records.js';
import { ModelVersions, RegisteredModels } from './core/registered-models.js';
import { RemoveModel } from './core/remove-model.js';
import { RetireModel } from './core/retire-model.js';
import { RollBackModel } from './core/roll-back-model.js';
import { Runs } from './core/runs.js';
import { Schedules } from './core/schedules.js';
import { SourceResolver } from './core/source-resolver.js';
import { TagModels } from './core/tag-models.js';
import { Transactions } from './core/transactions.js';
import { EventsController } from './inbound/api/events.controller.js';
import { FleetController } from './inbound/api/fleet.controller.js';
import { GarbageController } from './inbound/api/garbage.controller.js';
import { ImportsController } from './inbound/api/imports.controller.js';
import { ModelsController } from './inbound/api/models.controller.js';
import { PoliciesController } from './inbound/api/policies.controller.js';
import { PresetsController } from './inbound/api/presets.controller.js';
import { PromotionsController } from './inbound/api/promotions.controller.js';
import { SchedulesController } from './inbound/api/schedules.controller.js';
import { ServableController } from './inbound/api/servable.controller.js';
import { TrainingRequestsController } from './inbound/api/training-requests.controller.js';
import { WebhooksApiController } from './inbound/api/webhooks.controller.js';
import { ArtifactDownload } from './inbound/mlflow/artifact-download.js';
import { ArtifactFilesController } from './inbound/mlflow/artifact-files.controller.js';
import { ArtifactsProxyController } from './inbound/mlflow/artifacts-proxy.controller.js';
import { DirectTransfersController } from './inbound/mlflow/direct-transfers.controller.js';
import { DatasetRecordsController } from './inbound/mlflow/dataset-records.controller.js';
import { EvaluationDatasetsController } from './inbound/mlflow/evaluation-datasets.controller.js';
import { ExperimentsController } from './inbound/mlflow/experiments.controller.js';
import { LoggedModelsController } from './inbound/mlflow/logged-models.controller.js';
import { MetricHistoryController } from './inbound/mlflow/metric-history.controller.js';
import { ModelAliasesController } from './inbound/mlflow/model-aliases.controller.js';
import { ModelVersionsController } from './inbound/mlflow/model-versions.controller.js';
import { RegisteredModelsController } from './inbound/mlflow/registered-models.controller.js';
import { RunArtifactsController } from './inbound/mlflow/run-artifacts.controller.js';
import { RunDataController } from './inbound/mlflow/run-data.controller.js';
import { RunInputsController } from './inbound/mlflow/run-inputs.controller.js';
import { RunsController } from './inbound/mlflow/runs.controller.js';
import { ServerController } from './inbound/mlflow/server.controller.js';
import { SweptBuffers } from './inbound/mlflow/swept-buffers.js';
import { WebhooksController } from './inbound/mlflow/webhooks.controller.js';
import { ModelDeployedConsumer } from './inbound/model-deployed.consumer.js';
import { ModelRegisteredConsumer } from './inbound/model-registered.consumer.js';
import { ReadinessController } from './inbound/readiness.controller.js';
import { TrainingCompletedConsumer } from './inbound/training-completed.consumer.js';
import { TrainingProgressedConsumer } from './inbound/training-progressed.consumer.js';
import { TrainingRequestedConsumer } from './inbound/training-requested.consumer.js';
import { VersionAnswers } from './inbound/mlflow/version-answers.js';
import { LifetimeModule, UploadRoutine } from './lifetime.module.js';
import { importProviders } from './imports.module.js';
import { YamlMlModelParser } from './outbound/yaml-mlmodel-parser.js';
import { PersistenceModule } from './persistence.module.js';
import { trainingProviders } from './training.module.js';
import { registryMetrics } from './registry.metrics.js';

const mlflow = [
  ServerController,
  ExperimentsController,
  RunsController,
  RunDataController,
  RunInputsController,
  MetricHistoryController,
  RunArtifactsController,
  LoggedModelsController,
  RegisteredModelsController,
  ModelAliasesController,
  ModelVersionsController,
  WebhooksController,
  EvaluationDatasetsController,
  DatasetRecordsController,
  ArtifactsProxyController,
  DirectTransfersController,
  ArtifactFilesController,
];
const api = [
  TrainingRequestsController,
  PresetsController,
  SchedulesController,
  PromotionsController,
  PoliciesController,
  ServableController,
  ModelsController,
  WebhooksApiController,
  ImportsController,
  FleetController,
  EventsController,
  GarbageController,
  ReadinessController,
];
const consumers = [
  TrainingRequestedConsumer,
  TrainingProgressedConsumer,
  TrainingCompletedConsumer,
  ModelRegisteredConsumer,
  ModelDeployedConsumer,
];

const useCases: Provider[] = [
  UploadRoutine,
  VersionAnswers,
  { provide: MlModelParser, useClass: YamlMlModelParser },
  construct(SweptBuffers),
  construct(ArtifactDownload, ArtifactStore, SweptBuffers),
  construct(ModelDirectory, ArtifactStore, MlModelParser, Logger),
  construct(FrozenFiles, ArtifactStore, FrozenBlobs, Logger),
  construct(FreezeModel, ArtifactStore, ModelDirectory, FrozenFiles),
  construct(ReceiveServable, ArtifactStore, FreezeModel, AttachServable),
  construct(AttachServable, Transactions, Promotions, ModelVersions, PromoteModel, ApplyPromotionPolicy, MovePointer),
  construct(CollectGarbage, GarbageRecords, ArtifactStore, ArtifactInventory, Clock),
  construct(SourceResolver, LoggedModels, RegisteredModels, ModelVersions, Runs),
  construct(
    RegisterVersion,
    Transactions,
    ModelVersions,
    SourceResolver,
    FreezeModel,
    RegistrationAnnouncements,
    Clock,
  ),
  construct(ListArtifacts, ArtifactStore, Runs, LoggedModels),
  construct(MergeRecords, EvaluationDatasets),
  construct(CreateModel, Transactions, RegisteredModels),
  construct(TagModels, Transactions, RegisteredModels, ModelVersions),
  construct(MovePointer, Promotions, RegisteredModels, PromotionAnnouncements, Clock),
  construct(FollowLabels, Promotions, ModelVersions, MovePointer),
  construct(PromoteModel, Transactions, Promotions, ModelVersions, RegisteredModels, MovePointer),
  construct(RetireModel, Transactions, Promotions, ModelVersions, RegisteredModels, MovePointer),
  construct(RollBackModel, Transactions, Promotions, ModelVersions, PromoteModel),
  construct(ModelsAndPlans, RegisteredModels, Presets, Schedules),
  construct(RemoveModel, Transactions, ModelsAndPlans, ModelVersions, Promotions, FollowLabels, MovePointer),
  construct(MarkVersion, Transactions, ModelVersions, RegisteredModels, Promotions, FollowLabels),
  construct(ApplyPromotionPolicy, Transactions, Promotions, PromotionPolicies, ModelVersions, PromoteModel, Clock),
  construct(HearEvent, Transactions, EventFeed, Metrics),
];

/** Logger and clock, for every module of the app. */
@Module({})
class RuntimeModule {
  static with(logger: Logger): DynamicModule {
    const providers: Provider[] = [
      { provide: Logger, useValue: logger },
      { provide: Clock, useClass: SystemClock },
    ];
    return { module: RuntimeModule, global: true, providers, exports: [Logger, Clock] };
  }
}

@Module({
  controllers: [...mlflow, ...api, ...consumers],
  providers: [...useCases, ...trainingProviders, ...importProviders],
})
export class RegistryModule {
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    return {
      module: RegistryModule,
      imports: [
        RuntimeModule.with(logger),
        MetricsModule.register(registryMetrics),
        DocsModule.register({ title: 'Baton registry: API', document: openApi() }),
        EventBusModule.forRoot(settings, logger),
        ArtifactStoreModule.forRoot(settings),
        PersistenceModule.forRoot(settings, logger),
        LifetimeModule,
      ],
    };
  }
}
