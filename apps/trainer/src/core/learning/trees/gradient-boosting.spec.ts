import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { fitBoostingClassifier, fitBoostingRegressor, type GradientBoostingParameters } from './gradient-boosting.js';

const iris = readFileSync(new URL('../../../../data/iris.csv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const rows = Float32Array.from(iris.flatMap((cells) => cells.slice(0, 4)));
const species = Int32Array.from(iris, (cells) => cells[4]);
const flowers = Float32Array.of(5.1, 3.5, 1.4, 0.2, 6.0, 2.9, 4.5, 1.5, 6.3, 2.8, 5.1, 1.5);
const parameters: GradientBoostingParameters = {
  learning_rate: 0.1,
  max_iter: 20,
  max_leaf_nodes: 31,
  max_depth: null,
  min_samples_leaf: 20,
  l2_regularization: 0,
  early_stopping: 'auto',
  validation_fraction: 0.1,
  n_iter_no_change: 10,
  tol: 1e-7,
  random_state: 0,
};
const close = (said: Float64Array, expected: number[]): void => {
  expected.forEach((value, place) => {
    expect(Math.abs(said[place] - value)).toBeLessThan(2e-5);
  });
};

/** Expected values are those of scikit-learn 1.9's HistGradientBoosting: where every value has a bin of its own, the trees are the same. */
describe('gradient boosting agrees with scikit-learn', () => {
  it('on three classes', async () => {
    const data = { rows, labels: species, featureCount: 4, classCount: 3 };
    close((await fitBoostingClassifier(data, parameters)).predict(flowers), [
      ...[0.98593, 0.007041, 0.00703],
      ...[0.011212, 0.945276, 0.043512],
      ...[0.032119, 0.474364, 0.493517],
    ]);
  });

  it('on two classes, with few leaves and a penalty', async () => {
    const labels = species.map((id) => (id === 2 ? 1 : 0));
    const given = { ...parameters, max_leaf_nodes: 4, l2_regularization: 1 };
    const model = await fitBoostingClassifier({ rows, labels, featureCount: 4, classCount: 2 }, given);
    close(model.predict(flowers), [0.944439, 0.055561, 0.880414, 0.119586, 0.532793, 0.467207]);
  });

  it('on values', async () => {
    const three = (all: Float32Array): Float32Array => all.filter((_, place) => place % 4 < 3);
    const targets = Float64Array.from(rows.filter((_, place) => place % 4 === 3));
    const data = { rows: three(rows), targets, featureCount: 3 };
    close(
      (await fitBoostingRegressor(data, { ...parameters, max_iter: 30 })).predict(three(flowers)),
      [0.293554, 1.436434, 1.817605],
    );
  });

  it('where values are missing', async () => {
    const holes = rows.map((value, place) => (place % 12 === 2 ? NaN : value));
    const asked = flowers.map((value, place) => (place === 6 ? NaN : value));
    const data = { rows: holes, labels: species, featureCount: 4, classCount: 3 };
    close((await fitBoostingClassifier(data, parameters)).predict(asked), [
      ...[0.986058, 0.006809, 0.007133],
      ...[0.018695, 0.881532, 0.099773],
      ...[0.027526, 0.53011, 0.442364],
    ]);
  });
});

const rng = new Rng(5, 0);
const noisy = (rowCount: number) => {
  const values = Float32Array.from({ length: rowCount * 2 }, () => rng.next() / 2 ** 31 - 1);
  const labels = Int32Array.from({ length: rowCount }, (_, row) =>
    values[2 * row] + 0.8 * (rng.next() / 2 ** 31 - 1) > 0 ? 1 : 0,
  );
  return { rows: values, labels, featureCount: 2, classCount: 2 };
};

describe('gradient boosting', () => {
  it('ends early when the share held out improves no more, and not when it may not', async () => {
    const data = noisy(2_000);
    const given = { ...parameters, max_iter: 200 };
    const { facts } = await fitBoostingClassifier(data, { ...given, early_stopping: true });
    expect(facts.rounds).toBeGreaterThanOrEqual(11);
    expect(facts.rounds).toBeLessThan(200);
    expect((await fitBoostingClassifier(data, given)).facts.rounds).toBe(200);
    const large = await fitBoostingClassifier(noisy(10_001), { ...given, max_leaf_nodes: 4 });
    expect(large.facts.rounds).toBeLessThan(200);
  });

  it('tells the losses of each round, those of rows it is given to watch among them', async () => {
    const [data, watched] = [noisy(500), noisy(500)];
    const told: Readonly<Record<string, number>>[] = [];
    const validation = { rows: watched.rows, labels: watched.labels };
    const onProgress = (_step: number, _of: number, scores = {}): number => told.push(scores);
    const model = await fitBoostingClassifier({ ...data, validation }, parameters, { onProgress });
    expect(told.length).toBe(20);
    for (let round = 1; round < 20; round++) expect(told[round].train_loss).toBeLessThan(told[round - 1].train_loss);
    const probabilities = model.predict(watched.rows);
    const loss = watched.labels.reduce((sum, label, row) => sum - Math.log(probabilities[2 * row + label]) / 500, 0);
    expect(told[19].validation_loss).toBeCloseTo(loss, 6);
  });

  it('loses nothing of a rare class among many rows', async () => {
    const rowCount = 1_200_000;
    // Forty of the second class, half of them in the tenth of the rows that has the feature.
    const marked = Float32Array.from({ length: rowCount }, (_, row) => (row % 10 === 0 ? 1 : 0));
    const labels = new Int32Array(rowCount);
    for (let turn = 0; turn < 20; turn++) for (const row of [0, 1]) labels[50_000 * turn + row] = 1;
    const data = { rows: marked, labels, featureCount: 1, classCount: 2 };
    const given = { ...parameters, max_iter: 1, learning_rate: 1, early_stopping: false };
    const said = (await fitBoostingClassifier(data, given)).predict(Float32Array.of(0, 1));
    const baseline = Math.log(40 / (rowCount - 40));
    // Newton steps: 36 and 4 expected, 20 and 20 there.
    [-16 / 36, 16 / 4].forEach((step, row) => {
      expect(Math.log(said[2 * row + 1] / said[2 * row])).toBeCloseTo(baseline + step, 2);
    });
  });

  it('ends as soon as scikit-learn when nothing is better than the baseline', async () => {
    const data = { rows: new Float32Array(100), labels: Int32Array.from({ length: 100 }, (_, row) => row % 2), featureCount: 1, classCount: 2 }; // prettier-ignore
    for (const tol of [0, 1e-7]) {
      const given = { ...parameters, early_stopping: true, n_iter_no_change: 3, tol };
      expect((await fitBoostingClassifier(data, given)).facts.rounds).toBe(3);
    }
  });

  it('keeps to its depth, its leaves and their rows', async () => {
    const data = noisy(1_000);
    const nodes = async (given: Partial<GradientBoostingParameters>) =>
      (await fitBoostingClassifier(data, { ...parameters, max_iter: 1, ...given })).facts.nodes;
    expect(await nodes({})).toBe(61);
    expect(await nodes({ max_leaf_nodes: 2 })).toBe(3);
    expect(await nodes({ max_depth: 2 })).toBe(7);
    expect(await nodes({ min_samples_leaf: 501 })).toBe(1);
    expect(await nodes({ max_leaf_nodes: null, min_samples_leaf: 1 })).toBeGreaterThan(300);
  });

  it('grows the same trees without a bound on leaves as within one that is out of reach', async () => {
    const data = noisy(3_000);
    const asked = noisy(500).rows;
    const fit = (max_leaf_nodes: number | null) => fitBoostingClassifier(data, { ...parameters, max_leaf_nodes });
    const [unbound, bound] = [await fit(null), await fit(1_000)];
    expect(unbound.facts).toEqual(bound.facts);
    expect(unbound.facts.nodes).toBeGreaterThan(20 * 100);
    expect(unbound.predict(asked)).toEqual(bound.predict(asked));
  });
});
