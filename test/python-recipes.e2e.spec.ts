import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRequestView } from '#contracts';
import { eventually, services, uniqueName } from '#testing';
import { pythonWith } from '#testing/python';
import { finished, root } from './baton.js';
import { Platform } from './platform.js';

const MODEL = 'IrisModel';
/** Importing what the recipes import takes a minute where the cores are busy. */
const PATIENCE_MS = 400_000;
const timeout = 900_000;
const flowers = [
  { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
  { sepal_length: 6.0, sepal_width: 2.9, petal_length: 4.5, petal_width: 1.5 },
];
const over = ['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped'];
const python = await pythonWith(join(root, 'recipes/python-sklearn/requirements.txt'));

/** What people write by hand around MLflow, with nothing changed but the address of the server. */
describe.skipIf(services().postgres === undefined || python.missing !== undefined)('recipes in Python', () => {
  const other = uniqueName('Sklearn');
  let platform: Platform;
  let home: string;
  beforeAll(async () => {
    if (python.python === undefined) return;
    home = await mkdtemp(join(tmpdir(), 'baton-shell-'));
    platform = await Platform.start('embedded', {
      models: [MODEL, other],
      environment: {
        TRAINER_RECIPES_DIR: join(root, 'recipes'),
        // The environment of this suite is the one that the recipes would make.
        TRAINER_ENVIRONMENTS_DIR: dirname(dirname(dirname(python.python))),
        PREDICTOR_DEFAULT_MODEL: MODEL,
      },
    });
  });
  afterAll(async () => {
    await platform.close();
    await rm(home, { recursive: true, force: true });
  });

  const shell = async (script: string) => {
    const child = spawn(python.python ?? '', [join(root, 'recipes/python-script/scripts', script)], {
      cwd: home,
      env: { MLFLOW_TRACKING_URI: platform.registryUrl, HOME: home, PATH: '/usr/bin:/bin' },
    });
    const { code, out, notes } = await finished(child);
    expect(`${String(code)} ${out}${code === 0 ? '' : notes}`).toMatch(/^0 /);
    return out;
  };
  const api = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const answer = await fetch(platform.registryUrl + path, init);
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return (await answer.json()) as T;
  };
  const train = async (request: object): Promise<TrainingRequestView> => {
    const { id } = await api<TrainingRequestView>('/api/v1/training-requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return eventually(
      async () => {
        const view = await api<TrainingRequestView>(`/api/v1/training-requests/${id}`);
        expect(over).toContain(view.state);
        return view;
      },
      PATIENCE_MS,
      300,
    );
  };
  const served = (version: number) =>
    eventually(
      async () => {
        const answer = await fetch(`${platform.predictorUrl}/predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(flowers),
        });
        expect(await answer.json()).toMatchObject({ predictions: [0, 1], model_version: String(version) });
      },
      PATIENCE_MS,
      300,
    );

  it(
    'serves what a script from a shell logged as a pickle, once the other script promotes it',
    { timeout },
    async () => {
      platform.explainFailure();
      expect(await shell('train_iris.py')).toMatch(/accuracy 1\.000|accuracy 0\.9/);
      expect(await shell('promote_iris.py')).toMatch(/version 1 is in Production/);
      await served(1);
      // The version serves before the job that converted it is over.
      await eventually(async () => {
        const { requests } = await api<{ requests: TrainingRequestView[] }>('/api/v1/training-requests');
        expect(requests).toMatchObject([{ model: MODEL, recipe: 'convert-sklearn', state: 'succeeded', version: 1 }]);
        expect(requests[0].metrics).toMatchObject({ rows_compared: 1000 });
        expect(requests[0].metrics.greatest_difference).toBeLessThan(1e-5);
      }, PATIENCE_MS);
    },
  );

  it('runs the same scripts as recipes, and swaps to what they promote without a restart', { timeout }, async () => {
    platform.explainFailure();
    const script = (name: string, more: object) =>
      train({ model: MODEL, recipe: 'python-script', parameters: { script: name }, ...more });
    const trained = await script('train_iris.py', { promote: 'never' });
    expect(trained).toMatchObject({ state: 'succeeded', version: 2, error: null });
    expect(trained.metrics.accuracy).toBeGreaterThan(0.9);
    expect(await script('promote_iris.py', { register: false })).toMatchObject({ state: 'succeeded', error: null });
    await served(2);
    expect(await script('none.py', {})).toMatchObject({
      state: 'failed',
      error: { code: 'PARAMETER_INVALID', message: expect.stringMatching(/train_iris\.py/) as string },
    });
    expect(await script('promote_iris.py', {})).toMatchObject({ state: 'failed' });
  });

  it('trains with scikit-learn by its recipe', { timeout }, async () => {
    platform.explainFailure();
    const trained = await train({
      model: other,
      recipe: 'python-sklearn',
      parameters: { estimator: 'GradientBoostingClassifier', arguments: { n_estimators: 20 }, random_state: 1 },
      dataset: { uri: 'iris' },
    });
    expect(trained).toMatchObject({ state: 'succeeded', version: 1, error: null });
    expect(trained.metrics.accuracy).toBeGreaterThan(0.85);
    const answer = await eventually(
      async () => {
        const response = await fetch(`${platform.predictorUrl}/models/${other}/predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(flowers),
        });
        expect(response.status).toBe(200);
        return (await response.json()) as { predictions: number[] };
      },
      PATIENCE_MS,
      300,
    );
    expect(answer.predictions).toEqual([0, 1]);
    const faults = [
      [{ estimator: 'Oracle' }, 'PARAMETER_INVALID', /one of RandomForestClassifier/],
      [{ arguments: { trees: 5 } }, 'PARAMETER_INVALID', /trees/],
    ] as const;
    for (const [parameters, code, sentence] of faults)
      expect(
        await train({ model: other, recipe: 'python-sklearn', parameters, dataset: { uri: 'iris' } }),
      ).toMatchObject({
        state: 'failed',
        error: { code, message: expect.stringMatching(sentence) as string },
      });
    expect(await train({ model: other, recipe: 'python-sklearn' })).toMatchObject({
      state: 'failed',
      error: { code: 'DATASET_INVALID' },
    });
  });
});
