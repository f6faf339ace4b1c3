import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { binFeatures } from './binned-features.js';
import { leafOf } from './decision-tree.js';
import { TreeGrower, type GrowthOptions } from './forest-tree.js';
import type { ClassTarget } from './class-splits.js';

/** Rows that a generator with this seed makes; the class is told by the rule. */
const sample = (rowCount: number, featureCount: number, rule: (row: Float32Array) => number) => {
  const rng = new Rng(11, 0);
  const rows = Float32Array.from({ length: rowCount * featureCount }, () => rng.next() / 2 ** 31 - 1);
  const labels = Int32Array.from({ length: rowCount }, (_, row) =>
    rule(rows.subarray(row * featureCount, (row + 1) * featureCount)),
  );
  return { rows, labels, featureCount };
};
type Sample = ReturnType<typeof sample>;
const growth: GrowthOptions = {
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  featuresPerSplit: 100,
  bootstrap: true,
};
const classes = (labels: Int32Array, criterion: ClassTarget['criterion'] = 'gini'): ClassTarget => ({
  kind: 'classes',
  labels,
  classCount: Math.max(...labels) + 1,
  criterion,
});
const growerOf = (data: Sample, given: Partial<GrowthOptions> = {}, criterion?: ClassTarget['criterion']) =>
  new TreeGrower(binFeatures(data.rows, data.labels.length, data.featureCount), classes(data.labels, criterion), {
    ...growth,
    ...given,
  });
const grown = (data: Sample, given: Partial<GrowthOptions> = {}) => growerOf(data, given).grow(new Rng(5, 5)).tree;

describe('TreeGrower', () => {
  it.each(['gini', 'entropy'] as const)('finds the one split that parts the classes, by %s', (criterion) => {
    const data = sample(200, 3, ([, second]) => (second > 0.25 ? 1 : 0));
    const { tree, gains } = growerOf(data, {}, criterion).grow(new Rng(5, 5));
    expect([...tree.feature]).toEqual([1, -1, -1]);
    expect(tree.threshold[0]).toBeCloseTo(0.25, 1);
    expect([...tree.values]).toEqual([1, 0, 0, 1]);
    expect(gains[1]).toBeGreaterThan(0);
    expect([gains[0], gains[2]]).toEqual([0, 0]);
  });

  it('looks on when the features it drew do not vary', () => {
    const { rows, labels } = sample(40, 1, ([a]) => (a > 0 ? 1 : 0));
    const hidden = Float32Array.from({ length: 400 }, (_, place) =>
      place % 10 === 6 ? rows[Math.floor(place / 10)] : 1,
    );
    const grower = growerOf({ rows: hidden, labels, featureCount: 10 }, { featuresPerSplit: 1 });
    for (let stream = 0; stream < 10; stream++) expect(grower.grow(new Rng(5, stream)).tree.feature[0]).toBe(6);
  });

  it('tells exclusive or apart, whose first split gains nothing', () => {
    const corners = [0, 0, 0, 1, 1, 0, 1, 1];
    const data = {
      rows: Float32Array.from({ length: 80 }, (_, place) => corners[place % 8]),
      labels: Int32Array.from({ length: 40 }, (_, row) => [0, 1, 1, 0][row % 4]),
      featureCount: 2,
    };
    const tree = grown(data);
    data.labels.forEach((label, row) => {
      expect(tree.values[leafOf(tree, data.rows, row * 2) + label]).toBe(1);
    });
  });

  it('grows the same tree from the same numbers, whatever it grew before', () => {
    const grower = growerOf(
      sample(300, 5, ([a, b]) => (a * b > 0 ? 1 : 0)),
      { featuresPerSplit: 2 },
    );
    const first = grower.grow(new Rng(1, 1));
    const other = grower.grow(new Rng(1, 2));
    expect(grower.grow(new Rng(1, 1))).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('stops at its depth and gives the shares of what is left', () => {
    const data = sample(500, 2, ([a, b]) => (a * b > 0 ? 1 : 0));
    const tree = grown(data, { maxDepth: 2 });
    expect(tree.feature.length).toBeLessThanOrEqual(7);
    for (let leaf = 0; leaf < tree.values.length; leaf += 2)
      expect(tree.values[leaf] + tree.values[leaf + 1]).toBeCloseTo(1, 6);
    expect(grown(data).feature.length).toBeGreaterThan(7);
  });

  it.each([20, 120])('keeps %d rows in every leaf when asked to', (minSamplesLeaf) => {
    const data = sample(500, 2, ([a, b]) => (a * b > 0 ? 1 : 0));
    const tree = grown(data, { minSamplesLeaf, bootstrap: false });
    const rowsIn = new Map<number, number>();
    for (let row = 0; row < 500; row++) {
      const leaf = leafOf(tree, data.rows, row * 2);
      rowsIn.set(leaf, (rowsIn.get(leaf) ?? 0) + 1);
    }
    expect(rowsIn.size).toBeGreaterThan(1);
    expect(Math.min(...rowsIn.values())).toBeGreaterThanOrEqual(minSamplesLeaf);
  });

  it('makes a leaf of rows that no feature tells apart', () => {
    const { labels } = sample(20, 1, ([a]) => (a > 0 ? 1 : 0));
    expect([...grown({ rows: new Float32Array(20), labels, featureCount: 1 }).feature]).toEqual([-1]);
  });
});

describe('missing values', () => {
  const rows = (count: number) => sample(count, 1, () => 0).rows;
  const classOf = (tree: ReturnType<typeof grown>, value: number): number => {
    const leaf = leafOf(tree, Float32Array.of(value), 0);
    return tree.values[leaf + 1] > tree.values[leaf] ? 1 : 0;
  };

  // Both ways of searching: by counting, and by sorting the few rows of a small node.
  it.each([400, 30])('are told from what is there when that is all there is to tell (%d rows)', (count) => {
    const values = rows(count).map((value, row) => (row % 3 === 0 ? NaN : value));
    const labels = Int32Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
    const tree = grown({ rows: values, labels, featureCount: 1 });
    expect(tree.feature.length).toBe(3);
    for (const value of [-3e38, -1, 0, 1, 3e38]) expect(classOf(tree, value)).toBe(0);
    expect(classOf(tree, NaN)).toBe(1);
  });

  it.each([400, 30])('go to the side where they belong, the lower or the higher (%d rows)', (count) => {
    for (const side of [0, 1]) {
      const values = rows(count).map((value, row) => (row % 4 === 0 ? NaN : value));
      const labels = Int32Array.from(values, (value) => (Number.isNaN(value) ? side : value > 0.1 ? 1 : 0));
      const tree = grown({ rows: values, labels, featureCount: 1 });
      expect(tree.feature.length).toBe(3);
      expect([classOf(tree, NaN), classOf(tree, -0.9), classOf(tree, 0.9)]).toEqual([side, 0, 1]);
    }
  });

  it('go where most rows went when the node has seen none', () => {
    const values = rows(200);
    for (const [bound, most] of [
      [0.5, 0],
      [-0.5, 1],
    ]) {
      const labels = Int32Array.from(values, (value) => (value > bound ? 1 : 0));
      expect(classOf(grown({ rows: values, labels, featureCount: 1 }), NaN)).toBe(most);
    }
  });
});
