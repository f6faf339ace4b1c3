import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventually, services, uniqueName } from '#testing';
import { forest, TrainerWorld } from './trainer-world.behaviour.js';

describe.skipIf(services().postgres === undefined)('the trainer as a process', () => {
  let world: TrainerWorld;
  beforeAll(async () => {
    world = await TrainerWorld.open();
  });
  afterAll(() => world.close());
  afterEach(() => world.stopTrainers());

  it('takes a request to a registered version, and tells', async () => {
    const model = uniqueName('Iris');
    const { url } = await world.start();
    const experiment = `${model} trials`;
    const gitCommit = 'c0ffee0123456789c0ffee0123456789c0ffee01';
    const tags = { team: 'blue' };
    const parameters = { ...forest.parameters, oob_score: true };
    const requestId = await world.ask({ model, ...forest, parameters, experiment, promote: 'never', tags, gitCommit });
    const done = await world.completed(requestId);
    expect(done).toMatchObject({ model, outcome: 'succeeded', attempts: 1, version: 1 });
    const { mlflow } = world;
    const [run] = world.runsOf(requestId);
    expect(done.runId).toBe(run.run_id);
    expect(mlflow.experiments[Number(run.experiment_id)]).toBe(experiment);
    expect(run).toMatchObject({
      status: 'FINISHED',
      tags: { team: 'blue', 'mlflow.source.git.commit': gitCommit },
      params: {
        model_type: 'random-forest',
        n_estimators: '5',
        oob_score: 'True',
        max_depth: 'None',
        random_state: '1',
        dataset: 'builtin:iris',
        test_share: '0.25',
      },
    });
    expect([...run.metrics].map((metric) => metric.split('/')[0]).sort()).toEqual(
      ['accuracy', 'balanced_accuracy', 'f1_macro', 'f1_weighted', 'log_loss', 'oob_score', 'roc_auc'], // prettier-ignore
    );
    expect(run.inputs).toMatchObject([
      { tags: [{ key: 'mlflow.data.context', value: 'training' }], dataset: { name: 'iris', source_type: 'local' } },
      { tags: [{ key: 'mlflow.data.context', value: 'testing' }], dataset: { name: 'iris' } },
    ]);
    expect(world.versionsOf(requestId)).toMatchObject([
      { name: model, tags: { 'baton.promote': 'never' }, source: `models:/${run.models[0]}` },
    ]);

    const root = `${run.experiment_id}/models/${run.models[0]}/artifacts/`;
    const names = [...mlflow.files.keys()].filter((key) => key.startsWith(root)).map((key) => key.slice(root.length));
    expect(names.sort()).toEqual(['MLmodel', 'input_example.json', 'model.onnx', 'requirements.txt']);
    const mlmodel = parse(String(mlflow.files.get(`${root}MLmodel`))) as { signature: { inputs: string } };
    expect(mlmodel).toMatchObject({
      run_id: run.run_id,
      flavors: {
        onnx: { data: 'model.onnx', providers: ['CPUExecutionProvider'] },
        python_function: { loader_module: 'mlflow.onnx', data: 'model.onnx' },
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
      const states = world.progress(requestId).map(({ state }) => state);
      expect(states).toEqual(expect.arrayContaining(['queued', 'running']));
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/baton_trainer_leases_ended_total\{end="succeeded",recipe="random-forest"\} 1/);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('registers nothing when it is asked not to', async () => {
    await world.start();
    const requestId = await world.ask({ model: uniqueName('M'), ...forest, register: false });
    const done = await world.completed(requestId);
    expect(done.outcome).toBe('succeeded');
    expect(done.version).toBeUndefined();
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'FINISHED' }]);
    expect(world.versionsOf(requestId)).toEqual([]);
  });

  const iris = (dataset: object) => ({ ...forest, dataset });
  it('fails with a sentence that says what to change, and marks the run', async () => {
    await world.start();
    const cases = [
      [{ recipe: 'deep-thought' }, 'RECIPE_UNKNOWN', /random-forest/],
      [{ ...forest, parameters: { trees: 5 } }, 'PARAMETER_INVALID', /n_estimators/],
      [{ ...forest, parameters: { n_estimators: 0 } }, 'PARAMETER_INVALID', /n_estimators must be/],
      [iris({ uri: 'builtin:titanic' }), 'DATASET_INVALID', /iris/],
      [iris({ uri: 'file:///etc/passwd' }), 'DATASET_INVALID', /below TRAINER_DATA_ROOT/],
      [iris({ uri: 'iris', target: 'species' }), 'DATASET_INVALID', /species/],
      [iris({ uri: 'http://127.0.0.1:1/x.csv' }), 'DATASET_UNREACHABLE', /127\.0\.0\.1:1/],
    ] as const;
    for (const [request, code, sentence] of cases) {
      const requestId = await world.ask({ model: uniqueName('M'), ...request });
      const done = await world.completed(requestId);
      const message = expect.stringMatching(sentence) as string;
      expect(done).toMatchObject({ outcome: 'failed', error: { code, message } });
      expect(done.attempts).toBe(code === 'DATASET_UNREACHABLE' ? 2 : 1);
      expect(world.runsOf(requestId)).toMatchObject([{ status: 'FAILED', run_id: done.runId }]);
      expect(world.versionsOf(requestId)).toEqual([]);
    }
  });

  it('ends a training whose data set holds what no database takes', async () => {
    await writeFile(join(world.dataRoot, 'nul.csv'), 'a,b,y\n1,2,0\n2,\u00003,1\n');
    await world.start();
    const requestId = await world.ask({ model: uniqueName('M'), ...iris({ uri: 'file:nul.csv' }) });
    const message = expect.stringMatching(/U\+0000/) as string;
    expect(await world.completed(requestId)).toMatchObject({
      outcome: 'failed',
      attempts: 1,
      error: { code: 'DATASET_INVALID', message },
    });
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'FAILED' }]);
  });

  it('waits for a registry that is down without using up its attempts', async () => {
    const { mlflow } = world;
    mlflow.failWith = 503;
    await world.start({ TRAINER_MAX_ATTEMPTS: '1' });
    const asked = mlflow.calls.length;
    const requestId = await world.ask({ model: uniqueName('M'), ...forest });
    await eventually(() => {
      expect(mlflow.calls.length).toBeGreaterThan(asked + 2);
    });
    mlflow.failWith = undefined;
    expect(await world.completed(requestId)).toMatchObject({ outcome: 'succeeded', attempts: 1 });
  });

  it('ends a running training that is cancelled, and marks the run', async () => {
    await world.start();
    const requestId = await world.ask({ model: uniqueName('M'), ...forest, parameters: { n_estimators: 10_000 } });
    await world.begun(requestId);
    await world.cancel(requestId, 'no longer needed');
    expect(await world.completed(requestId)).toMatchObject({
      outcome: 'cancelled',
      error: { code: 'TRAINING_CANCELLED', message: 'The training was cancelled: no longer needed' },
    });
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'KILLED' }]);
    expect(world.versionsOf(requestId)).toEqual([]);
  });

  it('ends a training that takes too long', async () => {
    await world.start({ TRAINER_JOB_TIMEOUT_MS: '400' });
    const requestId = await world.ask({ model: uniqueName('M'), ...forest, parameters: { n_estimators: 10_000 } });
    expect(await world.completed(requestId)).toMatchObject({
      outcome: 'timed-out',
      error: { code: 'TRAINING_TIMED_OUT' },
    });
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'FAILED' }]);
  });

  it('gives a job back when it is asked to end, and another trainer finishes it', async () => {
    const { process: leaving } = await world.start();
    const requestId = await world.ask({ model: uniqueName('M'), ...forest, parameters: { n_estimators: 3_000 } });
    await world.begun(requestId);
    leaving.kill('SIGTERM');
    expect(((await once(leaving, 'exit')) as [number])[0]).toBe(0);
    await world.start();
    expect(await world.completed(requestId)).toMatchObject({ outcome: 'succeeded', attempts: 1 });
    expect(world.runsOf(requestId)).toHaveLength(1);
  });
});
