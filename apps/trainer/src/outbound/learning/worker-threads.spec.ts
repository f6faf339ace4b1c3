import { describe, expect, it } from 'vitest';
import { recipes } from '../../core/learning/recipes.js';
import { Rng } from '../../core/learning/rng.js';
import type { ForestInput } from '../../core/learning/trees/grow-trees.js';
import { fitForestClassifier, type ForestClassifierParameters } from '../../core/learning/trees/random-forest.js';
import { WorkerThreads } from './worker-threads.js';

const rng = new Rng(11, 0);
const rows = Float32Array.from({ length: 3_000 * 8 }, () => rng.next() / 2 ** 31 - 1);
const labels = Int32Array.from({ length: 3_000 }, (_, row) => (rows[row * 8] * rows[row * 8 + 1] > 0 ? 1 : 0));
const data = { rows, labels, featureCount: 8, classCount: 2 };
const parameters: ForestClassifierParameters = {
  n_estimators: 100,
  criterion: 'gini',
  max_depth: null,
  min_samples_split: 2,
  min_samples_leaf: 1,
  max_features: null,
  bootstrap: true,
  oob_score: false,
  random_state: 3,
};

describe('learning on several threads', () => {
  it('makes the forest that one thread makes', async () => {
    const told: number[] = [];
    const onProgress = (step: number): number => told.push(step);
    const together = await fitForestClassifier(data, parameters, { threads: new WorkerThreads(2), onProgress });
    const alone = await fitForestClassifier(data, parameters);
    expect(together.graph('features')).toEqual(alone.graph('features'));
    expect(together.importances).toEqual(alone.importances);
    expect(told).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it('makes the boosted trees that one thread makes', async () => {
    const large = Float32Array.from({ length: 30_000 * 8 }, () => rng.next() / 2 ** 31 - 1);
    const classes = Int32Array.from({ length: 30_000 }, (_, row) => (large[row * 8] > large[row * 8 + 1] ** 2 ? 1 : 0));
    const given = { rows: large, labels: classes, featureCount: 8, classCount: 2 };
    const { fit } = recipes['gradient-boosting'].prepare({ max_iter: 20 });
    const together = await fit(given, { threads: new WorkerThreads(3) });
    expect(together.graph('features')).toEqual((await fit(given)).graph('features'));
  });

  it('ends all of them when the forest outgrows its budget', async () => {
    const fit = fitForestClassifier(data, parameters, { threads: new WorkerThreads(2) }, 5_000);
    await expect(fit).rejects.toThrow(/^PARAMETER_INVALID.*larger than a model may be/);
  });

  it('tells why a thread ended', async () => {
    const run = new WorkerThreads(2).run('grow-trees', 2, {} as ForestInput, () => undefined);
    await expect(run).rejects.toThrow(/^TRAINING_FAILED: A thread of the fit ended: .*undefined/);
  });
});
