import { describe, expect, it } from 'vitest';
import { writeModel } from '#onnx';
import { openSession } from '#onnx/runtime';
import type { FittedModel } from './learner.js';
import { recipes, type RecipeId } from './recipes.js';
import { Rng } from './rng.js';

const FEATURES = 5;

/** Rows with holes in every other column, one column that never varies, and one far from 0. */
const sample = (rowCount: number, withHoles: boolean): Float32Array => {
  const rng = new Rng(3, rowCount);
  return Float32Array.from({ length: rowCount * FEATURES }, (_, place) => {
    const column = place % FEATURES;
    const value = rng.next() / 2 ** 31 - 1;
    if (withHoles && column % 2 === 0 && rng.below(5) === 0) return NaN;
    return column === 3 ? 7 : column === 4 ? 1e4 + value : value;
  });
};
const orElse = (value: number, other: number): number => (Number.isNaN(value) ? other : value);
const amount = (rows: Float32Array, row: number): number =>
  orElse(rows[row * FEATURES], 0.3) + rows[row * FEATURES + 1] ** 2 + 0.1 * orElse(rows[row * FEATURES + 2], -1);

const fitted = (id: RecipeId, given: object, rows: Float32Array, classCount: number): Promise<FittedModel> => {
  const rowCount = rows.length / FEATURES;
  const recipe = recipes[id];
  if (recipe.task === 'regression') {
    const targets = Float64Array.from({ length: rowCount }, (_, row) => 1000 * amount(rows, row));
    return recipe.prepare(given).fit({ rows, targets, featureCount: FEATURES });
  }
  const labels = Int32Array.from({ length: rowCount }, (_, row) =>
    Math.min(classCount - 1, Math.max(0, Math.floor((amount(rows, row) + 1) * 0.5 * classCount))),
  );
  return recipe.prepare(given).fit({ rows, labels, featureCount: FEATURES, classCount });
};

/** What onnxruntime makes of the model's part of a graph. */
const answersOf = async (model: FittedModel, rows: Float32Array, width: number): Promise<ArrayLike<number>> => {
  const { nodes, initializers, scores } = model.graph('features');
  const file = writeModel({
    name: 'part',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, FEATURES] }],
    outputs: [{ name: scores, datatype: 'FP32', shape: [-1, width] }],
    nodes,
    initializers,
  });
  const session = await openSession(file);
  try {
    const shape = [rows.length / FEATURES, FEATURES];
    const [answer] = await session.run([{ name: 'features', datatype: 'FP32', shape, data: rows }]);
    if (!(answer.data instanceof Float32Array)) throw new Error('The scores are not float32.');
    return answer.data;
  } finally {
    await session.release();
  }
};

const cases: [RecipeId, object, number][] = [
  ...[2, 3, 11].flatMap((classes): [RecipeId, object, number][] => [
    ['logistic-regression', {}, classes],
    ['logistic-regression', { penalty: 'none', class_weight: 'balanced', max_iter: 1000 }, classes],
    ['random-forest', { n_estimators: 50 }, classes],
    ['random-forest', { n_estimators: 50, criterion: 'entropy', min_samples_leaf: 0.01, bootstrap: false }, classes],
    ['gradient-boosting', { max_iter: 50 }, classes],
    ['gradient-boosting', { early_stopping: true, min_samples_leaf: 5, l2_regularization: 1 }, classes],
  ]),
  ['linear-regression', {}, 1],
  ['ridge', { alpha: 10 }, 1],
  ['random-forest-regressor', { n_estimators: 50 }, 1],
  ['gradient-boosting-regressor', { max_iter: 200 }, 1],
];

describe.each([false, true])('the graph of a model (missing values: %s)', (withHoles) => {
  it.each(cases)('%s %j answers as the model does, of %d', async (id, given, width) => {
    const model = await fitted(id, given, sample(800, withHoles), width);
    const asked = sample(400, withHoles);
    const said = model.predict(asked);
    const exported = await answersOf(model, asked, width);
    expect(exported.length).toBe(said.length);
    let most = 0;
    said.forEach((value, place) => {
      most = Math.max(most, Math.abs(value - exported[place]) / Math.max(1, Math.abs(value)));
    });
    expect(most).toBeLessThan(5e-6);
    // Not all the same.
    expect(new Set(said).size).toBeGreaterThan(20);
    expect(model.importances?.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(model.importances?.[3]).toBe(0);
  });
});

describe('the graph of a model of quantities far from 0', () => {
  it.each<[RecipeId, object]>([
    ['random-forest-regressor', {}],
    ['random-forest-regressor', { criterion: 'poisson' }],
    ['gradient-boosting-regressor', {}],
    ['linear-regression', {}],
    ['ridge', {}],
  ])('answers as the model does: %s %j', async (id, given) => {
    const rows = sample(800, false);
    const targets = Float64Array.from({ length: 800 }, (_, row) => 1e6 + amount(rows, row));
    const recipe = recipes[id];
    if (recipe.task === 'classification') throw new Error('It is for quantities.');
    const model = await recipe.prepare(given).fit({ rows, targets, featureCount: FEATURES });
    const asked = sample(400, true);
    const exported = await answersOf(model, asked, 1);
    expect(Array.from(exported)).toEqual([...model.predict(asked)]);
  });
});

describe('models that have seen no missing values', () => {
  it.each(Object.keys(recipes) as RecipeId[])('%s answers rows with some as its graph does', async (id) => {
    const width = recipes[id].task === 'classification' ? 3 : 1;
    const model = await fitted(id, {}, sample(800, false), width);
    const asked = sample(400, true);
    const exported = await answersOf(model, asked, width);
    model.predict(asked).forEach((value, place) => {
      expect(Math.abs(value - exported[place])).toBeLessThan(5e-6 * Math.max(1, Math.abs(value)));
    });
  });
});
