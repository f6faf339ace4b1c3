import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { pythonWith } from '#testing/python';
import { finished, root } from './baton.js';
import { Platform } from './platform.js';

/** Importing what the recipes import takes a minute where the cores are busy. */
const PATIENCE_MS = 400_000;
const rows = [
  { size: 8.5, rooms: 3, colour: 'green', 'shop name': 'shop 1' },
  { size: 2.25, rooms: 2, colour: 'red', 'shop name': 'shop 7' },
  { size: 3, rooms: 1, colour: 'blue', 'shop name': 'never heard of' },
  { size: 4, rooms: 4, colour: 'blue', 'shop name': null },
  { size: null, rooms: 5, colour: 'green', 'shop name': 'shop 0' },
];
const python = await pythonWith(join(root, 'recipes/python-sklearn/requirements.txt'));

describe.skipIf(services().postgres === undefined || python.missing !== undefined)(
  'pipelines of scikit-learn over numbers and texts, logged as pickles',
  () => {
    const model = uniqueName('Prices');
    let platform: Platform;
    let home: string;
    beforeAll(async () => {
      if (python.python === undefined) return;
      home = await mkdtemp(join(tmpdir(), 'baton-pipelines-'));
      platform = await Platform.start('embedded', {
        models: [model],
        environment: {
          TRAINER_RECIPES_DIR: join(root, 'recipes'),
          // The environment of this suite is the one that the recipes would make.
          TRAINER_ENVIRONMENTS_DIR: dirname(dirname(dirname(python.python))),
        },
      });
    });
    afterAll(async () => {
      await platform.close();
      await rm(home, { recursive: true, force: true });
    });

    const promote = async (version: number) => {
      const response = await fetch(`${platform.registryUrl}/api/2.0/mlflow/model-versions/transition-stage`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: model, version: String(version), stage: 'Production' }),
      });
      expect(response.status, await response.clone().text()).toBe(200);
    };
    const served = (version: number): Promise<(string | number)[]> =>
      eventually(
        async () => {
          const response = await fetch(`${platform.predictorUrl}/models/${model}/predict`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(rows),
          });
          const answer = (await response.json()) as { predictions: (string | number)[]; model_version: string };
          expect(answer, JSON.stringify(answer)).toMatchObject({ model_version: String(version) });
          return answer.predictions;
        },
        PATIENCE_MS,
        300,
      );

    it("answer in predictors as they do in MLflow's client", { timeout: 900_000 }, async () => {
      platform.explainFailure();
      const args = [join(root, 'test/sklearn-pipelines.py'), model, JSON.stringify(rows)];
      const child = spawn(python.python ?? '', args, {
        cwd: home,
        env: { MLFLOW_TRACKING_URI: platform.registryUrl, HOME: home, PATH: '/usr/bin:/bin' },
      });
      const { code, out, notes } = await finished(child);
      expect(code, notes).toBe(0);
      const told = out.split('\n').filter((line) => line.startsWith('['));
      const [labels, prices] = told.map((line) => JSON.parse(line) as (string | number)[]);
      await promote(1);
      expect(await served(1)).toEqual(labels);
      expect(new Set(labels)).toEqual(new Set(['dear', 'cheap']));
      await promote(2);
      const said = (await served(2)) as number[];
      said.forEach((price, row) => {
        expect(price).toBeCloseTo(Number(prices[row]), 3);
      });
    });
  },
);
