import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readEvent, type RawRecord, type TrainingCompleted, type TrainingProgressed } from '#contracts';
import { PostgresEventBus } from '#messaging/postgres';
import { requestIdOf, SilentLogger } from '#runtime';
import { eventually, freshDatabase, services, uniqueName } from '#testing';
import { InMemoryMlflow } from './outbound/registry/in-memory-mlflow.js';

const main = resolve(import.meta.dirname, '../../../dist/apps/trainer/src/main.js');

describe.skipIf(services().postgres === undefined)('the trainer as a process', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let bus: PostgresEventBus;
  let mlflow: InMemoryMlflow;
  let registryUrl: string;
  let workDir: string;
  let trainers: ChildProcess[] = [];
  const heard: Record<'training.completed' | 'training.progressed', RawRecord[]> = {
    'training.completed': [],
    'training.progressed': [],
  };

  beforeAll(async () => {
    db = await freshDatabase();
    bus = new PostgresEventBus({ connectionString: db.url, pollMs: 100, logger: new SilentLogger() });
    await bus.ensureTopics(
      [
        'training.requested',
        'training.cancel-requested',
        'training.completed',
        'training.progressed',
        'training.requested.trainer.dlt',
      ].map((name) => ({
        name,
        partitions: 3,
        cleanup: 'delete' as const,
        retentionMs: 3_600_000,
      })),
    );
    for (const topic of ['training.completed', 'training.progressed'] as const)
      await bus.subscribe({
        topic,
        group: 'test',
        from: 'start',
        handler: (record) => {
          heard[topic].push(record);
          return Promise.resolve();
        },
      });
    mlflow = new InMemoryMlflow();
    registryUrl = await mlflow.listen();
  });
  afterAll(async () => {
    await mlflow.close();
    await bus.close();
    await db.drop();
  });
  beforeEach(async () => {
    workDir = await mkdtemp(join(tmpdir(), 'baton-trainer-'));
  });
  afterEach(async () => {
    for (const trainer of trainers) await ended(trainer);
    trainers = [];
    mlflow.failWith = undefined;
    await rm(workDir, { recursive: true, force: true });
  });

  const start = async (settings: Record<string, string> = {}): Promise<{ process: ChildProcess; url: string }> => {
    const trainer = spawn(process.execPath, [main], {
      env: {
        DATABASE_URL: db.url,
        REGISTRY_URL: registryUrl,
        TRAINER_PORT: '0',
        HOST: '127.0.0.1',
        TRAINER_LEASE_MS: '1500',
        TRAINER_RETRY_BACKOFF_MS: '100',
        TRAINER_WORK_DIR: workDir,
        POSTGRES_BUS_POLL_MS: '100',
        OUTBOX_POLL_MS: '100',
        LOG_LEVEL: 'error',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    trainers.push(trainer);
    const [line] = (await once(createInterface({ input: trainer.stdout }), 'line')) as [string];
    return {
      process: trainer,
      url: `http://127.0.0.1:${String((JSON.parse(line) as { listening: number }).listening)}`,
    };
  };
  const ask = async (data: object, id = uniqueName('request')): Promise<string> => {
    await bus.publish('training.requested', 'M', {
      id,
      source: '/test',
      type: 'training.requested',
      time: new Date().toISOString(),
      data,
    });
    return requestIdOf('/test', id);
  };
  const completions = (requestId: string): TrainingCompleted[] =>
    heard['training.completed']
      .map((record) => readEvent(record).data as TrainingCompleted)
      .filter((each) => each.requestId === requestId);
  const completed = (requestId: string): Promise<TrainingCompleted> =>
    eventually(() => {
      const [first] = completions(requestId);
      expect(first).toBeDefined();
      return first;
    }, 30_000);
  const runsOf = (requestId: string) =>
    [...mlflow.runs.values()].filter(({ tags }) => tags['baton.requestId'] === requestId);
  const versionsOf = (requestId: string) => mlflow.versions.filter(({ tags }) => tags['baton.requestId'] === requestId);
  const forest = { recipe: 'random-forest', parameters: { n_estimators: 5, random_state: 1 } };

  it('takes a request to a registered version, and tells', async () => {
    const model = uniqueName('Iris');
    const { url } = await start();
    const requestId = await ask({
      model,
      ...forest,
      experiment: `${model} trials`,
      promote: 'never',
      tags: { team: 'blue' },
    });
    const done = await completed(requestId);
    expect(done).toMatchObject({ model, outcome: 'succeeded', attempts: 1, version: 1 });
    const [run] = runsOf(requestId);
    expect(done.runId).toBe(run.run_id);
    expect(mlflow.experiments[Number(run.experiment_id)]).toBe(`${model} trials`);
    expect(run).toMatchObject({
      status: 'FINISHED',
      tags: { team: 'blue' },
      params: {
        model_type: 'random-forest',
        n_estimators: '5',
        max_depth: 'None',
        random_state: '1',
        dataset: 'builtin:iris',
        test_share: '0.25',
      },
    });
    expect([...run.metrics].map((metric) => metric.split('/')[0]).sort()).toEqual(['accuracy', 'f1_macro', 'log_loss']);
    expect(versionsOf(requestId)).toMatchObject([
      { name: model, tags: { 'baton.promote': 'never' }, source: `models:/${run.models[0]}` },
    ]);

    const root = `${run.experiment_id}/models/${run.models[0]}/artifacts`;
    const names = [...mlflow.files.keys()]
      .filter((key) => key.startsWith(root))
      .map((key) => key.slice(root.length + 1));
    expect(names.sort()).toEqual(['MLmodel', 'input_example.json', 'model.onnx', 'requirements.txt']);
    const mlmodel = parse(String(mlflow.files.get(`${root}/MLmodel`))) as {
      flavors: object;
      signature: { inputs: string };
      run_id: string;
    };
    expect(mlmodel).toMatchObject({
      run_id: run.run_id,
      flavors: {
        onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'] },
        python_function: { loader_module: 'mlflow.onnx' },
      },
    });
    expect(JSON.parse(mlmodel.signature.inputs)).toContainEqual({
      type: 'double',
      name: 'sepal length (cm)',
      required: true,
    });
    expect(mlflow.files.has(`${run.experiment_id}/${run.run_id}/artifacts/train.log`)).toBe(true);
    expect(mlflow.models.get(run.models[0])).toEqual({ status: 'LOGGED_MODEL_READY' });

    await eventually(() => {
      const progress = heard['training.progressed']
        .map((record) => readEvent(record).data as TrainingProgressed)
        .filter((each) => each.requestId === requestId);
      expect(progress.map(({ state }) => state)).toEqual(expect.arrayContaining(['queued', 'running']));
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /baton_trainer_leases_ended_total\{end="succeeded",recipe="random-forest"\} 1/,
    );
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('makes one run and one version of an event that comes twice', async () => {
    await start();
    const id = uniqueName('twice');
    const requestId = await ask({ model: uniqueName('M'), ...forest }, id);
    await ask({ model: uniqueName('M'), ...forest }, id);
    await completed(requestId);
    await ask({ model: uniqueName('M'), ...forest }, id);
    await completed(await ask({ model: uniqueName('M'), ...forest }));
    expect(runsOf(requestId)).toHaveLength(1);
    expect(versionsOf(requestId)).toHaveLength(1);
    expect(completions(requestId)).toHaveLength(1);
  });

  it('registers nothing when it is asked not to', async () => {
    await start();
    const requestId = await ask({ model: uniqueName('M'), ...forest, register: false });
    const done = await completed(requestId);
    expect(done.outcome).toBe('succeeded');
    expect(done.version).toBeUndefined();
    expect(runsOf(requestId)).toMatchObject([{ status: 'FINISHED' }]);
    expect(versionsOf(requestId)).toEqual([]);
  });

  it.each([
    ['an unknown recipe', { recipe: 'deep-thought' }, 'RECIPE_UNKNOWN', /random-forest/],
    ['an unknown parameter', { ...forest, parameters: { trees: 5 } }, 'PARAMETER_INVALID', /n_estimators/],
    [
      'a parameter out of range',
      { ...forest, parameters: { n_estimators: 0 } },
      'PARAMETER_INVALID',
      /n_estimators must be/,
    ],
    ['an unknown data set', { ...forest, dataset: { uri: 'builtin:titanic' } }, 'DATASET_INVALID', /iris/],
    [
      'a file without a root',
      { ...forest, dataset: { uri: 'file:///etc/passwd' } },
      'DATASET_INVALID',
      /TRAINER_DATA_ROOT/,
    ],
    [
      'a target that is not there',
      { ...forest, dataset: { uri: 'iris', target: 'species' } },
      'DATASET_INVALID',
      /species/,
    ],
    [
      'a data set that is not there',
      { ...forest, dataset: { uri: 'http://127.0.0.1:1/x.csv' } },
      'DATASET_UNREACHABLE',
      /127\.0\.0\.1:1/,
    ],
  ])('fails with a sentence that says what to change, and marks the run: %s', async (_, request, code, sentence) => {
    await start();
    const requestId = await ask({ model: uniqueName('M'), ...request });
    const done = await completed(requestId);
    expect(done).toMatchObject({
      outcome: 'failed',
      error: { code, message: expect.stringMatching(sentence) as string },
    });
    expect(done.attempts).toBe(code === 'DATASET_UNREACHABLE' ? 2 : 1);
    expect(runsOf(requestId)).toMatchObject([{ status: 'FAILED', run_id: done.runId }]);
    expect(versionsOf(requestId)).toEqual([]);
  });

  it.each([
    'after-job-stored',
    'after-run-created',
    'after-training',
    'before-model-recorded',
    'after-model-uploaded',
    'before-version-recorded',
    'after-version-registered',
    'before-completion',
    'after-completion',
    'outbox-relay:published',
  ])('makes one run and one version when it is killed at %s', async (point) => {
    const { process: doomed } = await start({ CRASH_AT: point });
    const requestId = await ask({ model: uniqueName('M'), ...forest });
    const [, signal] = (await once(doomed, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    await start();
    const done = await completed(requestId);
    expect(done).toMatchObject({ outcome: 'succeeded', version: 1 });
    const [run, ...more] = runsOf(requestId);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ status: 'FINISHED' });
    expect(run.metrics.size).toBe(3);
    expect(versionsOf(requestId)).toHaveLength(1);
    // Told once, or twice with one id.
    const ids = heard['training.completed']
      .map((record) => readEvent(record))
      .filter(({ subject }) => subject === requestId);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
  });

  it('waits for a registry that is down without using up its attempts', async () => {
    mlflow.failWith = 503;
    await start({ TRAINER_MAX_ATTEMPTS: '1' });
    const requestId = await ask({ model: uniqueName('M'), ...forest });
    const asked = mlflow.calls.length;
    await eventually(() => {
      expect(mlflow.calls.length).toBeGreaterThan(asked + 3);
    });
    mlflow.failWith = undefined;
    expect(await completed(requestId)).toMatchObject({ outcome: 'succeeded', attempts: 1 });
  });

  it('ends a running training that is cancelled, with its process, and marks the run', async () => {
    await start();
    const requestId = await ask({
      model: uniqueName('M'),
      recipe: 'random-forest',
      parameters: { n_estimators: 10_000 },
      dataset: { uri: 'iris' },
    });
    await eventually(() => {
      expect(runsOf(requestId)[0].params.model_type).toBe('random-forest');
    });
    await bus.publish('training.cancel-requested', requestId, {
      id: uniqueName('cancel'),
      source: '/test',
      type: 'training.cancel-requested',
      time: new Date().toISOString(),
      data: { requestId, reason: 'no longer needed' },
    });
    expect(await completed(requestId)).toMatchObject({
      outcome: 'cancelled',
      error: { code: 'TRAINING_CANCELLED', message: 'The training was cancelled: no longer needed' },
    });
    expect(runsOf(requestId)).toMatchObject([{ status: 'KILLED' }]);
    expect(versionsOf(requestId)).toEqual([]);
  });

  it('ends a training that takes too long', async () => {
    await start({ TRAINER_JOB_TIMEOUT_MS: '400' });
    const requestId = await ask({
      model: uniqueName('M'),
      recipe: 'random-forest',
      parameters: { n_estimators: 10_000 },
    });
    expect(await completed(requestId)).toMatchObject({ outcome: 'timed-out', error: { code: 'TRAINING_TIMED_OUT' } });
    expect(runsOf(requestId)).toMatchObject([{ status: 'FAILED' }]);
  });

  it('gives a job back when it is asked to end, and another trainer finishes it', async () => {
    const { process: leaving } = await start();
    const requestId = await ask({
      model: uniqueName('M'),
      recipe: 'random-forest',
      parameters: { n_estimators: 3_000 },
    });
    await eventually(() => {
      expect(runsOf(requestId)[0].params.model_type).toBe('random-forest');
    });
    leaving.kill('SIGTERM');
    expect(((await once(leaving, 'exit')) as [number])[0]).toBe(0);
    await start();
    expect(await completed(requestId)).toMatchObject({ outcome: 'succeeded', attempts: 1 });
    expect(runsOf(requestId)).toHaveLength(1);
  });
});

const ended = async (trainer: ChildProcess): Promise<void> => {
  if (trainer.exitCode !== null || trainer.signalCode !== null) return;
  trainer.kill('SIGTERM');
  await once(trainer, 'exit');
};
