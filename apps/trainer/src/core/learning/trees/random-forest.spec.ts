import { describe, expect, it } from 'vitest';
import type { RegressorData } from '../learner.js';
import { Rng } from '../rng.js';
import {
  fitForestClassifier,
  fitForestRegressor,
  type ForestClassifierParameters,
  type ForestRegressorParameters,
} from './random-forest.js';

const rule = ([a, b]: Float32Array): number => (a * a + b * b < 0.4 ? 0 : a > b ? 1 : 2);
const features = (seed: number, rowCount: number): Float32Array => {
  const rng = new Rng(seed, 0);
  return Float32Array.from({ length: rowCount * 4 }, () => rng.next() / 2 ** 31 - 1);
};
const classified = (seed: number) => {
  const rows = features(seed, 1_000);
  const labels = Int32Array.from({ length: 1_000 }, (_, row) => rule(rows.subarray(row * 4, row * 4 + 4)));
  return { rows, labels, featureCount: 4, classCount: 3 };
};
const valued = (seed: number): RegressorData => {
  const rows = features(seed, 1_000);
  const targets = Float64Array.from({ length: 1_000 }, (_, row) => 1e4 + 3 * rows[row * 4] + rows[row * 4 + 1] ** 2);
  return { rows, targets, featureCount: 4 };
};
const shared = {
  n_estimators: 30,
  max_depth: null,
  min_samples_split: 2,
  min_samples_leaf: 1,
  bootstrap: true,
  oob_score: false,
  random_state: 3,
} as const;
const parameters: ForestClassifierParameters = { ...shared, criterion: 'gini', max_features: 'sqrt' };
const regression: ForestRegressorParameters = { ...shared, criterion: 'squared_error', max_features: null };

const hits = (probabilities: Float64Array, labels: Int32Array): number =>
  labels.reduce((sum, label, row) => {
    const scores = probabilities.subarray(row * 3, row * 3 + 3);
    return sum + (scores.indexOf(scores.reduce((most, score) => Math.max(most, score), 0)) === label ? 1 : 0);
  }, 0) / labels.length;
const r2 = (said: Float64Array, targets: Float64Array): number => {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  const off = targets.reduce((sum, target, row) => sum + (target - said[row]) ** 2, 0);
  return 1 - off / targets.reduce((sum, target) => sum + (target - mean) ** 2, 0);
};

describe('a forest of classification trees', () => {
  const [data, unseen] = [classified(11), classified(12)];

  it('learns what a single split can not tell, and carries it over to rows it has not seen', async () => {
    const model = await fitForestClassifier(data, parameters);
    expect(hits(model.predict(unseen.rows), unseen.labels)).toBeGreaterThan(0.9);
    const stump = await fitForestClassifier(data, { ...parameters, n_estimators: 1, max_depth: 1 });
    expect(hits(stump.predict(unseen.rows), unseen.labels)).toBeLessThan(0.8);
  });

  it('is the same for the same seed and another for another', async () => {
    const graph = async (random_state: number) =>
      (await fitForestClassifier(data, { ...parameters, random_state })).graph('features');
    expect(await graph(3)).toEqual(await graph(3));
    expect(await graph(3)).not.toEqual(await graph(4));
  });

  it('grows each tree on a sample of its own and tells of it', async () => {
    const told: [number, number][] = [];
    const onProgress = (step: number, of: number): number => told.push([step, of]);
    const same = await fitForestClassifier(data, { ...parameters, n_estimators: 2 }, { onProgress });
    expect(told).toEqual([[1, 2], [2, 2]]); // prettier-ignore
    const single = await fitForestClassifier(data, { ...parameters, n_estimators: 1 });
    expect(same.predict(unseen.rows)).not.toEqual(single.predict(unseen.rows));
  });

  it('refuses to outgrow its budget and says what to change', async () => {
    await expect(fitForestClassifier(data, parameters, {}, 500)).rejects.toThrow(
      /PARAMETER_INVALID.*after \d+ of 30 trees.*max_depth or min_samples_leaf, or lower n_estimators/,
    );
  });

  it('foretells by the rows left out of each sample how well it will do', async () => {
    const model = await fitForestClassifier(data, { ...parameters, n_estimators: 100, oob_score: true });
    const truth = hits(model.predict(unseen.rows), unseen.labels);
    expect(Math.abs(Number(model.metrics?.oob_score) - truth)).toBeLessThan(0.03);
    expect(hits(model.predict(data.rows), data.labels)).toBe(1);
    // It has the name of the parameter, which is logged beside the facts.
    expect(model.facts).not.toHaveProperty('oob_score');
    const all = { ...parameters, oob_score: true, bootstrap: false };
    await expect(fitForestClassifier(data, all)).rejects.toThrow(/PARAMETER_INVALID: oob_score needs bootstrap/);
  });

  it('knows which features told the classes', async () => {
    const importances = (await fitForestClassifier(data, parameters)).importances ?? new Float64Array(0);
    expect(importances.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(Math.min(importances[0], importances[1])).toBeGreaterThan(3 * Math.max(importances[2], importances[3]));
  });

  it.each([
    ['sqrt', 2],
    ['log2', 2],
    [null, 4],
    [0.8, 3],
    [0.01, 1],
    [9, 4],
  ] as const)('tries %s of four features as %d', async (max_features, same) => {
    const graph = async (given: typeof parameters.max_features) =>
      (await fitForestClassifier(data, { ...parameters, n_estimators: 3, max_features: given })).graph('features');
    expect(await graph(max_features)).toEqual(await graph(same));
    expect(await graph(max_features)).not.toEqual(await graph(same === 1 ? 2 : same - 1));
  });
});

describe('a forest of regression trees', () => {
  const [data, unseen] = [valued(11), valued(12)];

  it('learns values, far from 0 though they are', async () => {
    const model = await fitForestRegressor(data, { ...regression, oob_score: true });
    const truth = r2(model.predict(unseen.rows), unseen.targets);
    expect(truth).toBeGreaterThan(0.97);
    expect(Math.abs(Number(model.metrics?.oob_score) - truth)).toBeLessThan(0.02);
    expect(model.importances?.[0]).toBeGreaterThan(0.9);
  });

  /** scikit-learn 1.9's DecisionTreeRegressor(criterion=..., max_depth=1) on the same rows. */
  it('splits counts where their deviance falls most', async () => {
    const rows = Float32Array.from({ length: 12 }, (_, row) => row);
    const targets = Float64Array.of(0, 0, 1, 0, 3, 4, 3, 4, 9, 8, 10, 9);
    const data = { rows, targets, featureCount: 1 };
    const stump = { ...regression, n_estimators: 1, bootstrap: false, max_depth: 1 };
    const said = async (criterion: ForestRegressorParameters['criterion']) => [
      ...(await fitForestRegressor(data, { ...stump, criterion })).predict(rows),
    ];
    const halves = (at: number, low: number, high: number) => Array.from(rows, (row) => Math.fround(row < at ? low : high)); // prettier-ignore
    expect(await said('squared_error')).toEqual(halves(8, 1.875, 9));
    expect(await said('friedman_mse')).toEqual(halves(8, 1.875, 9));
    expect(await said('poisson')).toEqual(halves(4, 0.25, 6.25));
    expect(await said('absolute_error')).toEqual(halves(8, 2, 9));
    for (const faulty of [targets.map((target) => target - 1), new Float64Array(12)])
      await expect(
        fitForestRegressor({ ...data, targets: faulty }, { ...stump, criterion: 'poisson' }),
      ).rejects.toThrow(/PARAMETER_INVALID: criterion "poisson" is for targets of 0 and above/);
  });

  it('tells values apart that are near one another and far from 0', async () => {
    const far = (data: RegressorData): RegressorData => ({
      ...data,
      targets: data.targets.map((target) => target + 1e8),
    });
    for (const criterion of ['squared_error', 'poisson'] as const) {
      const model = await fitForestRegressor(far(data), { ...regression, criterion, oob_score: true });
      // float32 has a step of 8 there; the targets spread over 8.
      const misses = model.predict(unseen.rows).map((said, row) => Math.abs(said - far(unseen).targets[row]));
      expect(Math.max(...misses)).toBeLessThan(8);
      expect(model.metrics?.oob_score).toBeGreaterThan(0.8);
    }
  });

  it('says the mean where it may not split', async () => {
    const model = await fitForestRegressor(data, { ...regression, min_samples_leaf: 0.6, bootstrap: false });
    const mean = data.targets.reduce((sum, target) => sum + target, 0) / 1_000;
    expect(model.predict(unseen.rows)[0]).toBeCloseTo(mean, 2);
  });
});
