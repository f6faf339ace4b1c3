import { availableParallelism } from 'node:os';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { servingApi } from '#contracts';
import { EventBus } from '#messaging';
import { Clock, Logger, Metrics, SystemClock, type Settings } from '#runtime';
import { construct, DocsModule, HealthModule, MetricsModule } from '#runtime/nest';
import { Deployments } from './core/deployments.js';
import { Measurements } from './core/measurements.js';
import { LastGoodCopies } from './core/last-good-copies.js';
import { MemoryBudget } from './core/memory-budget.js';
import { ModelDirectory } from './core/model-directory.js';
import { ModelHost } from './core/model-host.js';
import { ModelReports } from './core/model-reports.js';
import { Predict } from './core/predict.js';
import { ProveVersion } from './core/prove-version.js';
import { Replica } from './core/replica.js';
import { Score } from './core/scoring/score.js';
import { AccessLog } from './inbound/access-log.js';
import { GrpcServer } from './inbound/grpc/grpc-server.js';
import { HealthService } from './inbound/grpc/health-service.js';
import { InferenceService } from './inbound/grpc/inference-service.js';
import { ModelPromotedConsumer } from './inbound/model-promoted.consumer.js';
import { docsOfModels, ModelDocsController } from './inbound/model-docs.controller.js';
import { ModelsController } from './inbound/models.controller.js';
import { OipHttpController } from './inbound/oip-http.controller.js';
import { ScoringController } from './inbound/scoring.controller.js';
import { DiskCrashMarks } from './outbound/disk-crash-marks.js';
import { ModelDeployedPublisher } from './outbound/model-deployed.publisher.js';
import { WorkerModels } from './outbound/worker-models.js';
import { limitSettings, PredictorIdentity, workersOf } from './predictor.config.js';
import { PredictorMetrics, predictorMetrics, WatchedQueues } from './predictor.metrics.js';
import { supplyProviders, type SourceBeside } from './supply.module.js';

/** The parts that lie outside of the process: real ones in production, in memory in tests. */
export interface PredictorParts {
  settings: Settings;
  logger: Logger;
  /** Gives `EventBus` to every module. */
  bus: DynamicModule;
  source: SourceBeside;
}

/** Wires the predictor. */
export const predictorModule = (parts: PredictorParts): Type => {
  const { settings, logger, bus } = parts;
  const identity = new PredictorIdentity(settings);

  @Module({
    imports: [bus, MetricsModule.register(predictorMetrics)],
    controllers: [ModelPromotedConsumer, ModelsController, OipHttpController, ScoringController, ModelDocsController],
    providers: [
      { provide: PredictorIdentity, useValue: identity },
      { provide: Clock, useClass: SystemClock },
      { provide: Logger, useValue: logger },
      {
        provide: ModelHost,
        inject: [MemoryBudget],
        useFactory: (memory: MemoryBudget) =>
          new WorkerModels(workersOf(settings), (needed) => memory.spare(needed), logger),
      },
      construct(PredictorMetrics, Metrics, Clock),
      { provide: Measurements, useExisting: PredictorMetrics },
      {
        provide: Deployments,
        inject: [EventBus, Clock],
        useFactory: (publisher: EventBus, clock: Clock) =>
          new ModelDeployedPublisher(publisher, clock, logger, {
            predictorId: identity.id,
            restateMs: settings.PREDICTOR_RESTATE_MS,
            url: () => identity.url,
          }),
      },
      {
        provide: ProveVersion,
        inject: [ModelHost, LastGoodCopies, Clock],
        useFactory: (host: ModelHost, copies: LastGoodCopies, clock: Clock) => {
          const marks = new DiskCrashMarks(settings.PREDICTOR_CACHE_DIR, clock, logger);
          return new ProveVersion(host, marks, copies, limitSettings(settings), clock, logger);
        },
      },
      {
        provide: ModelReports,
        inject: [ModelDirectory, Measurements],
        useFactory: (directory: ModelDirectory, measurements: Measurements) => {
          const workers = settings.PREDICTOR_WORKERS ?? availableParallelism();
          return new ModelReports(directory, measurements, { workers });
        },
      },
      ...supplyProviders(parts, identity),
      construct(Predict, Measurements, Clock),
      construct(Score, Predict),
      construct(WatchedQueues, PredictorMetrics, ModelDirectory),
      construct(Replica, ModelDirectory, EventBus, ModelHost, Deployments, Clock, Logger),
      construct(InferenceService, ModelDirectory, Predict, Replica, ModelReports),
      construct(HealthService, Replica),
      {
        provide: GrpcServer,
        inject: [InferenceService, HealthService],
        useFactory: (inference: InferenceService, health: HealthService) =>
          new GrpcServer(inference, health, { logger, access: new AccessLog(logger, settings.ACCESS_LOG) }, settings),
      },
    ],
    exports: [Replica, ModelDirectory],
  })
  class ServingModule {}

  @Module({
    imports: [
      ServingModule,
      DocsModule.register({
        title: 'Baton predictor: API',
        document: servingApi(),
        imports: [ServingModule],
        inject: [ModelDirectory],
        above: docsOfModels,
      }),
      HealthModule.register({
        imports: [ServingModule],
        inject: [Replica, ModelDirectory],
        ready: (replica: Replica, directory: ModelDirectory) => {
          const detail = replica.notReady();
          return {
            ready: detail === undefined,
            ...(detail !== undefined && { detail }),
            predictorId: identity.id,
            models: directory.models().map((swap) => swap.state()),
          };
        },
      }),
    ],
  })
  class PredictorModule {}

  return PredictorModule;
};
