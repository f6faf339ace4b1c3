import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { fitLinearRegression, fitRidge } from './least-squares.js';

const rng = new Rng(3, 0);
const random = (length: number): Float32Array => Float32Array.from({ length }, () => rng.next() / 2 ** 31 - 1);
const rows = random(300);
const exactly = (row: number): number => 5 + 2 * rows[3 * row] - 0.5 * rows[3 * row + 1];
const data = { rows, featureCount: 3, targets: Float64Array.from({ length: 100 }, (_, row) => exactly(row)) };
const parameters = { random_state: 0 };

describe('least squares', () => {
  it('finds the plane that the rows lie on', async () => {
    const model = await fitLinearRegression(data, parameters);
    model.predict(rows).forEach((value, row) => {
      expect(value).toBeCloseTo(exactly(row), 5);
    });
    expect(model.facts).toEqual({ rank: 3 });
    expect([...(model.importances ?? [])].map((share) => Math.round(share * 10) / 10)).toEqual([0.8, 0.2, 0]);
  });

  it('predicts the same when a column is there twice, or sums up others', async () => {
    const twice = Float32Array.from({ length: 500 }, (_, place) => {
      const [a, b, c] = rows.subarray(3 * Math.floor(place / 5), 3 * Math.floor(place / 5) + 3);
      return [a, b, c, a, a + b][place % 5];
    });
    const model = await fitLinearRegression({ ...data, rows: twice, featureCount: 5 }, parameters);
    expect(model.facts).toEqual({ rank: 3 });
    model.predict(twice).forEach((value, row) => {
      expect(value).toBeCloseTo(exactly(row), 4);
    });
  });

  it('loses no digits to values far from 0', async () => {
    const far = rows.map((value, place) => (place % 3 === 0 ? Math.fround(4096 + value) : value));
    const targets = Float64Array.from({ length: 100 }, (_, row) => far[3 * row]);
    const model = await fitLinearRegression({ rows: far, featureCount: 3, targets }, parameters);
    model.predict(far).forEach((value, row) => {
      expect(Math.abs(value - targets[row])).toBeLessThan(1e-3);
    });
  });

  it('tells quantities apart that are far from 0, as near as float32 can', async () => {
    const targets = data.targets.map((target) => 1e8 + 10 * target);
    const said = (await fitLinearRegression({ ...data, targets }, parameters)).predict(rows);
    expect([...said]).toEqual([...targets].map(Math.fround));
  });

  it('takes the mean for what is missing', async () => {
    const model = await fitLinearRegression(
      { ...data, rows: rows.map((v, place) => (place === 4 ? NaN : v)) },
      parameters,
    );
    const mean = [0, 1, 2].map((feature) => {
      const column = rows.filter((_, place) => place % 3 === feature && place !== 4);
      return column.reduce((sum, value) => sum + value, 0) / column.length;
    });
    const [missing, whole] = model.predict(Float32Array.of(0.3, NaN, 0.1, 0.3, mean[1], 0.1));
    expect(missing).toBeCloseTo(whole, 6);
  });

  /** make_pipeline(StandardScaler(), Ridge(alpha)) of scikit-learn 1.9 on y = x² at 0…5. */
  it.each([
    [0, [-3.333333, 21.666667]],
    [1, [-1.547619, 19.880952]],
    [10, [4.479167, 13.854167]],
  ])('shrinks as scikit-learn does at alpha = %d', async (alpha, expected) => {
    const x = Float32Array.of(0, 1, 2, 3, 4, 5);
    const model = await fitRidge(
      { rows: x, featureCount: 1, targets: Float64Array.from(x, (value) => value * value) },
      { alpha, random_state: 0 },
    );
    const [first, last] = model.predict(Float32Array.of(0, 5));
    expect(first).toBeCloseTo(expected[0], 5);
    expect(last).toBeCloseTo(expected[1], 5);
  });
});
