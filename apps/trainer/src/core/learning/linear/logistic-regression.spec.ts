import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logisticLoss } from './logistic-loss.js';
import { fitLogisticRegression, type LogisticRegressionParameters } from './logistic-regression.js';

const iris = readFileSync(new URL('../../../../data/iris.csv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const rows = Float32Array.from(iris.flatMap((cells) => cells.slice(0, 4)));
const species = Int32Array.from(iris, (cells) => cells[4]);
const flowers = Float32Array.of(5.1, 3.5, 1.4, 0.2, 6.0, 2.9, 4.5, 1.5, 6.3, 2.8, 5.1, 1.5);
const defaults: LogisticRegressionParameters = {
  penalty: 'l2',
  C: 1,
  tol: 1e-4,
  max_iter: 1000,
  solver: 'lbfgs',
  class_weight: null,
  random_state: 0,
};
const fit = (labels: Int32Array, classCount: number, given: Partial<LogisticRegressionParameters>) =>
  fitLogisticRegression({ rows, labels, featureCount: 4, classCount }, { ...defaults, ...given });

describe('fitLogisticRegression', () => {
  /** make_pipeline(StandardScaler(), LogisticRegression(C=C, tol=1e-10)) of scikit-learn 1.9 on all of iris. */
  it.each<[number, number[]]>([
    [0.1, [0.92037, 0.077343, 0.002287, 0.068948, 0.558885, 0.372167, 0.029717, 0.521238, 0.449045]],
    [1, [0.984696, 0.015304, 0.0, 0.011708, 0.778933, 0.20936, 0.00198, 0.58401, 0.414009]],
    [10, [0.998236, 0.001764, 0.0, 0.000883, 0.935295, 0.063822, 5.9e-5, 0.618118, 0.381822]],
  ])('agrees with scikit-learn at C = %d', async (C, expected) => {
    const probabilities = (await fit(species, 3, { C })).predict(flowers);
    expected.forEach((value, place) => {
      expect(Math.abs(probabilities[place] - value)).toBeLessThan(2e-3);
    });
  });

  it('agrees with scikit-learn on two classes', async () => {
    const virginica = species.map((id) => (id === 2 ? 1 : 0));
    const probabilities = (await fit(virginica, 2, {})).predict(flowers);
    [0.999993, 7e-6, 0.785755, 0.214245, 0.570605, 0.429395].forEach((value, place) => {
      expect(Math.abs(probabilities[place] - value)).toBeLessThan(2e-3);
    });
  });

  it('does no more iterations than it may and says whether that was enough', async () => {
    expect((await fit(species, 3, { C: 10, max_iter: 3 })).facts).toEqual({ iterations: 3, converged: false });
    expect((await fit(species, 3, { C: 10 })).facts).toMatchObject({ converged: true });
  });

  it('gives a feature that never varies no say', async () => {
    const halfConstant = Float32Array.of(1, 7, 2, 7, 3, 7, 4, 7);
    const model = await fitLogisticRegression(
      { rows: halfConstant, labels: Int32Array.of(0, 0, 1, 1), featureCount: 2, classCount: 2 },
      defaults,
    );
    expect(model.predict(Float32Array.of(2, 7))).toEqual(model.predict(Float32Array.of(2, 900)));
  });
});

describe('logisticLoss', () => {
  it.each([1, 3])('has the slopes that differences show, with %d columns', (columns) => {
    const loss = logisticLoss({
      rows: Float32Array.of(1, -2, 0.5, 3, -1, 0.25),
      labels: columns === 1 ? Int32Array.of(0, 1, 1) : Int32Array.of(2, 0, 1),
      featureCount: 2,
      columns,
      C: 0.7,
    });
    const x = Float64Array.from({ length: columns * 3 }, (_, index) => Math.sin(index + 1));
    const gradient = new Float64Array(x.length);
    loss(x, gradient);
    x.forEach((value, index) => {
      const at = (shifted: number): number => loss(x.with(index, shifted), new Float64Array(x.length));
      expect((at(value + 1e-6) - at(value - 1e-6)) / 2e-6).toBeCloseTo(gradient[index], 7);
    });
  });
});
