import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { readEvent, type CloudEvent, type TrainingCompleted, type TrainingProgressed } from '#contracts';
import { PostgresEventBus } from '#messaging/postgres';
import { requestIdOf, SilentLogger } from '#runtime';
import { eventually, freshDatabase, uniqueName } from '#testing';
import { InMemoryMlflow, type KeptRun, type KeptVersion } from './outbound/registry/in-memory-mlflow.js';

const main = resolve(import.meta.dirname, '../../../dist/apps/trainer/src/main.js');
const said = ['training.completed', 'training.progressed'] as const;
const topics = [
  ...said,
  'training.requested',
  'training.cancel-requested',
  'model.registered',
  'training.requested.trainer.dlt',
];

/** A small forest: a second of work at most. */
export const forest = { recipe: 'random-forest', parameters: { n_estimators: 5, random_state: 1 } };

export interface RunningTrainer {
  process: ChildProcess;
  url: string;
}

/** Trainers as processes on a database of their own, with a tracking server in memory: what the suites of the whole trainer stand on. */
export class TrainerWorld {
  readonly mlflow = new InMemoryMlflow();
  private readonly heard: CloudEvent[] = [];
  private trainers: ChildProcess[] = [];

  private constructor(
    private readonly db: Awaited<ReturnType<typeof freshDatabase>>,
    private readonly bus: PostgresEventBus,
    private readonly workDir: string,
    /** Where `file:` data sets are read. */
    readonly dataRoot: string,
  ) {}

  private registryUrl = '';

  static async open(): Promise<TrainerWorld> {
    const db = await freshDatabase();
    const bus = new PostgresEventBus({ connectionString: db.url, pollMs: 100, logger: new SilentLogger() });
    const world = new TrainerWorld(db, bus, await folder(), await folder());
    await bus.ensureTopics(
      topics.map((name) => ({ name, partitions: 3, cleanup: 'delete' as const, retentionMs: 3_600_000 })),
    );
    for (const topic of said)
      await bus.subscribe({
        topic,
        group: 'test',
        from: 'start',
        handler: (record) => {
          world.heard.push(readEvent(record));
          return Promise.resolve();
        },
      });
    world.registryUrl = await world.mlflow.listen();
    return world;
  }

  async start(settings: Record<string, string> = {}): Promise<RunningTrainer> {
    const trainer = spawn(process.execPath, [main], {
      env: {
        DATABASE_URL: this.db.url,
        TRAINER_DATA_ALLOW_PRIVATE: 'true',
        REGISTRY_URL: this.registryUrl,
        TRAINER_PORT: '0',
        HOST: '127.0.0.1',
        TRAINER_LEASE_MS: '1500',
        TRAINER_RETRY_BACKOFF_MS: '100',
        TRAINER_WORK_DIR: this.workDir,
        TRAINER_DATA_ROOT: this.dataRoot,
        POSTGRES_BUS_POLL_MS: '100',
        OUTBOX_POLL_MS: '100',
        LOG_LEVEL: 'error',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.trainers.push(trainer);
    const [line] = (await once(createInterface({ input: trainer.stdout }), 'line')) as [string];
    const { listening } = JSON.parse(line) as { listening: number };
    return { process: trainer, url: `http://127.0.0.1:${String(listening)}` };
  }

  async stopTrainers(): Promise<void> {
    for (const trainer of this.trainers) await ended(trainer);
    this.trainers = [];
    this.mlflow.failWith = undefined;
  }

  async close(): Promise<void> {
    await this.stopTrainers();
    await this.mlflow.close();
    await this.bus.close();
    await this.db.drop();
    for (const path of [this.workDir, this.dataRoot]) await rm(path, { recursive: true, force: true });
  }

  /** Publishes a request; resolves to its request id. */
  async ask(data: object, id = uniqueName('request')): Promise<string> {
    await this.publish('training.requested', 'M', id, data);
    return requestIdOf('/test', id);
  }

  cancel(requestId: string, reason: string): Promise<void> {
    return this.publish('training.cancel-requested', requestId, uniqueName('cancel'), { requestId, reason });
  }

  /** The completion of a request, when it is told. */
  completed(requestId: string): Promise<TrainingCompleted> {
    return eventually(() => {
      const [first] = this.completions(requestId);
      expect(first).toBeDefined();
      return first.data;
    }, 45_000);
  }

  /** Resolves when the training of a request is under way. */
  async begun(requestId: string): Promise<void> {
    await eventually(() => {
      expect(this.runsOf(requestId)[0].params.model_type).toBeDefined();
    });
  }

  completions(requestId: string): CloudEvent<TrainingCompleted>[] {
    return this.told<TrainingCompleted>('training.completed', requestId);
  }

  progress(requestId: string): TrainingProgressed[] {
    return this.told<TrainingProgressed>('training.progressed', requestId).map(({ data }) => data);
  }

  runsOf(requestId: string): KeptRun[] {
    return [...this.mlflow.runs.values()].filter(({ tags }) => tags['baton.requestId'] === requestId);
  }

  versionsOf(requestId: string): KeptVersion[] {
    return this.mlflow.versions.filter(({ tags }) => tags['baton.requestId'] === requestId);
  }

  private told<T>(type: (typeof said)[number], requestId: string): CloudEvent<T>[] {
    return this.heard.filter((event) => event.type === type && event.subject === requestId) as CloudEvent<T>[];
  }

  private publish(topic: string, key: string, id: string, data: object): Promise<void> {
    return this.bus.publish(topic, key, { id, source: '/test', type: topic, time: new Date().toISOString(), data });
  }
}

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'baton-trainer-'));

const ended = async (trainer: ChildProcess): Promise<void> => {
  if (trainer.exitCode !== null || trainer.signalCode !== null) return;
  const exit = once(trainer, 'exit');
  trainer.kill('SIGTERM');
  // One that stands still hears nothing else.
  const patience = setTimeout(() => trainer.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(patience);
};
