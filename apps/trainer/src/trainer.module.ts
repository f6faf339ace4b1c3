import { hostname } from 'node:os';
import {
  Inject,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { S3ArtifactStore } from '#artifacts/s3';
import { EventBus, EventPublisher } from '#messaging';
import { EventBusModule } from '#messaging/nest';
import { OutboxRelay, outboxRowOf } from '#messaging/postgres';
import { Metrics, required, SystemClock, type Logger, type Settings } from '#runtime';
import { HealthModule, MetricsModule, type ReadyState } from '#runtime/nest';
import { Attempts } from './core/attempts.js';
import { Jobs } from './core/jobs.js';
import { ConvertModel } from './core/convert-model.js';
import { RecipeCatalogue } from './core/recipe-catalogue.js';
import { MemoryRoom } from './core/memory-room.js';
import { ProgressReports } from './core/progress.js';
import { RunJob } from './core/run-job.js';
import { ResolveRequest } from './core/resolve-request.js';
import { TakeRequest } from './core/take-request.js';
import { TrainModel } from './core/train-model.js';
import { WorkOnJobs } from './core/work-on-jobs.js';
import { ModelRegisteredConsumer } from './inbound/model-registered.consumer.js';
import { TrainingCancelRequestedConsumer } from './inbound/training-cancel-requested.consumer.js';
import { TrainingRequestedConsumer } from './inbound/training-requested.consumer.js';
import { UriDataSources } from './outbound/data-sources/uri-data-sources.js';
import { PostgresJobs } from './outbound/postgres/postgres-jobs.js';
import { TrainerDatabase } from './outbound/postgres/trainer-database.js';
import { PythonEnvironments } from './outbound/recipes/python-environments.js';
import { RecipeFolders } from './outbound/recipes/recipe-folders.js';
import { RecipeProcesses } from './outbound/recipes/recipe-processes.js';
import { WorkFolders } from './outbound/recipes/work-folders.js';
import { MlflowClient } from './outbound/registry/mlflow.client.js';
import { RegistryAttempts } from './outbound/registry/registry-attempts.js';
import { RegistryPresets } from './outbound/registry/registry-presets.js';
import { TrainingRequestedPublisher } from './outbound/training-requested.publisher.js';
import { TrainingProgressedPublisher } from './outbound/training-progressed.publisher.js';
import { leaseMetrics, measureDepth, trainerMetrics } from './trainer.metrics.js';

const POLL_MS = 1_000;
const DEPTH_EVERY_MS = 10_000;
const FETCH_TIMEOUT_MS = 120_000;
const PRUNE_EVERY_MS = 3_600_000;
const SWEEP_EVERY_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** As long as the topic keeps it. */
const NEWS_KEPT_MS = 7 * DAY_MS;
/** Much longer than the topic keeps requests: one that comes again has to be known. */
const JOBS_KEPT_MS = 30 * DAY_MS;

/** Starts what works in the background when the app is up; ends it before the bus and the database go. */
@Injectable()
class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(WorkOnJobs) private readonly work: WorkOnJobs,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(TrainerDatabase) private readonly database: TrainerDatabase,
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(WorkFolders) private readonly folders: WorkFolders,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.folders.sweep();
    // The schema first, so that the relay finds its table; a database that is away is tried again by whoever needs it.
    await this.jobs.depth().catch(() => undefined);
    this.relay.start();
    this.work.start();
    this.every(DEPTH_EVERY_MS, async () => {
      measureDepth(this.metrics, await this.jobs.depth());
    });
    this.every(PRUNE_EVERY_MS, () => this.jobs.prune(NEWS_KEPT_MS, JOBS_KEPT_MS));
    // Another trainer of this machine may have been killed, and is not there to do it.
    this.every(SWEEP_EVERY_MS, () => this.folders.sweep());
  }

  /** A database that is away is told by those who need it; these wait for the next turn. */
  private every(ms: number, work: () => Promise<unknown>): void {
    this.timers.push(setInterval(() => void work().catch(() => undefined), ms));
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.work.stop();
    await this.relay.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

@Module({})
export class TrainerModule {
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    const crashAt = settings.CRASH_AT;
    const clock = new SystemClock();
    const room = new MemoryRoom(settings.TRAINER_MEMORY_BYTES);
    const registry = new MlflowClient(settings.REGISTRY_URL, logger);
    return {
      module: TrainerModule,
      global: true,
      imports: [
        EventBusModule.forRoot(settings, logger),
        MetricsModule.register(trainerMetrics),
        HealthModule.register({
          inject: [TrainerDatabase, EventBus, WorkOnJobs],
          ready: readiness,
        }),
      ],
      controllers: [TrainingRequestedConsumer, TrainingCancelRequestedConsumer, ModelRegisteredConsumer],
      providers: [
        { provide: TrainerDatabase, useFactory: () => new TrainerDatabase(required(settings, 'DATABASE_URL'), logger) },
        {
          provide: OutboxRelay,
          inject: [EventPublisher],
          useFactory: (publisher: EventPublisher) =>
            new OutboxRelay({
              connectionString: required(settings, 'DATABASE_URL'),
              table: 'trainer.outbox',
              publisher,
              pollMs: settings.OUTBOX_POLL_MS,
              logger,
              crashAt,
            }),
        },
        {
          provide: Jobs,
          inject: [TrainerDatabase, OutboxRelay],
          useFactory: (database: TrainerDatabase, relay: OutboxRelay) =>
            new PostgresJobs(database, outboxRowOf, () => {
              relay.nudge();
            }),
        },
        {
          provide: ProgressReports,
          inject: [EventPublisher],
          useFactory: (publisher: EventPublisher) => new TrainingProgressedPublisher(publisher, clock, logger),
        },
        { provide: Attempts, useFactory: () => new RegistryAttempts(registry) },
        {
          provide: TrainModel,
          inject: [Jobs, RecipeCatalogue, WorkFolders, ProgressReports],
          useFactory: (jobs: Jobs, catalogue: RecipeCatalogue, folders: WorkFolders, progress: ProgressReports) =>
            new TrainModel(
              new ResolveRequest(new RegistryPresets(registry), catalogue),
              jobs,
              dataSourcesOf(settings),
              recipeProcessesOf(settings, folders),
              progress,
              { trackingUri: settings.REGISTRY_URL, crashAt },
            ),
        },
        { provide: WorkFolders, useFactory: () => new WorkFolders(settings.TRAINER_WORK_DIR, logger) },
        { provide: RecipeCatalogue, useFactory: () => catalogueOf(settings) },
        {
          provide: ConvertModel,
          inject: [RecipeCatalogue, EventPublisher],
          useFactory: (catalogue: RecipeCatalogue, publisher: EventPublisher) =>
            new ConvertModel(catalogue, new TrainingRequestedPublisher(publisher, clock)),
        },
        {
          provide: RunJob,
          inject: [Jobs, TrainModel, Attempts, ProgressReports],
          useFactory: (jobs: Jobs, train: TrainModel, attempts: Attempts, progress: ProgressReports) =>
            new RunJob(jobs, train, attempts, progress, logger, {
              leaseMs: settings.TRAINER_LEASE_MS,
              room,
              maxAttempts: settings.TRAINER_MAX_ATTEMPTS,
              backoffMs: settings.TRAINER_RETRY_BACKOFF_MS,
              crashAt,
            }),
        },
        {
          provide: WorkOnJobs,
          inject: [Jobs, RunJob, Metrics, RecipeCatalogue],
          useFactory: (jobs: Jobs, runJob: RunJob, metrics: Metrics, catalogue: RecipeCatalogue) =>
            new WorkOnJobs(
              jobs,
              runJob,
              logger,
              {
                owner: `${hostname()}/${String(process.pid)}`,
                concurrency: settings.TRAINER_CONCURRENCY,
                room,
                leaseMs: settings.TRAINER_LEASE_MS,
                pollMs: POLL_MS,
              },
              leaseMetrics(
                metrics,
                catalogue.recipes().map(({ id }) => id),
              ),
            ),
        },
        {
          provide: TakeRequest,
          inject: [Jobs, ProgressReports, WorkOnJobs, RecipeCatalogue],
          useFactory: (jobs: Jobs, progress: ProgressReports, work: WorkOnJobs, catalogue: RecipeCatalogue) =>
            new TakeRequest(jobs, progress, logger, clock, {
              crashAt,
              memoryOf: (recipe) => catalogue.memoryOf(recipe),
              onAdded: () => {
                work.nudge();
              },
            }),
        },
        Lifecycle,
      ],
      exports: [TrainerDatabase, WorkOnJobs],
    };
  }
}

const readiness = async (database: TrainerDatabase, bus: EventBus, work: WorkOnJobs): Promise<ReadyState> => {
  const [databaseAnswers, busAnswers] = await Promise.all([database.answers(), bus.healthy()]);
  const missing = [...(databaseAnswers ? [] : ['the database']), ...(busAnswers ? [] : ['the event bus'])];
  return {
    ready: missing.length === 0,
    ...(missing.length > 0 && { detail: `Waiting for ${missing.join(' and ')}.` }),
    database: databaseAnswers,
    bus: busAnswers,
    jobsAtWork: work.atWork,
  };
};

const dataSourcesOf = (settings: Settings): UriDataSources =>
  new UriDataSources({
    dataRoot: settings.TRAINER_DATA_ROOT,
    allowPrivate: settings.TRAINER_DATA_ALLOW_PRIVATE,
    maxBytes: settings.TRAINER_MAX_DATASET_BYTES,
    timeoutMs: FETCH_TIMEOUT_MS,
    ...(settings.S3_ENDPOINT !== undefined && { bucket: bucketsOf(settings, settings.S3_ENDPOINT) }),
  });

/** Any bucket that the trainer's own credentials may read; keys are whole, without the prefix of our own artifacts. */
const bucketsOf = (settings: Settings, endpoint: string) => (bucket: string) =>
  new S3ArtifactStore({
    endpoint,
    accessKey: required(settings, 'S3_ACCESS_KEY'),
    secretKey: required(settings, 'S3_SECRET_KEY'),
    region: settings.S3_REGION,
    bucket,
    foreign: true,
  });

const recipeProcessesOf = (settings: Settings, folders: WorkFolders): RecipeProcesses =>
  new RecipeProcesses(
    folders,
    new PythonEnvironments({ python: settings.TRAINER_PYTHON, directory: settings.TRAINER_ENVIRONMENTS_DIR }),
    {
      timeoutMs: settings.TRAINER_JOB_TIMEOUT_MS,
      limits: { maxRows: settings.TRAINER_MAX_DATASET_ROWS, maxBytes: settings.TRAINER_MAX_DATASET_BYTES },
    },
  );

const catalogueOf = (settings: Settings): RecipeFolders =>
  new RecipeFolders(settings.TRAINER_RECIPES_DIR, {
    memoryBytes: settings.TRAINER_RECIPE_MEMORY_BYTES,
    diskBytes: settings.TRAINER_RECIPE_DISK_BYTES,
  });
