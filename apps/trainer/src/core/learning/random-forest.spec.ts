import { describe, expect, it } from 'vitest';
import { binFeatures } from './binned-features.js';
import { leafOf } from './decision-tree.js';
import { TreeGrower } from './grow-tree.js';
import { fitRandomForest } from './random-forest.js';
import { Rng } from './rng.js';

/** Rows that a generator with this seed makes; the class is told by the rule. */
const sample = (rowCount: number, featureCount: number, rule: (row: Float32Array) => number) => {
  const rng = new Rng(11, 0);
  const rows = Float32Array.from({ length: rowCount * featureCount }, () => rng.next() / 2 ** 31 - 1);
  const labels = Int32Array.from({ length: rowCount }, (_, row) =>
    rule(rows.subarray(row * featureCount, (row + 1) * featureCount)),
  );
  return { rows, labels, featureCount, classCount: Math.max(...labels) + 1 };
};
const parameters = { n_estimators: 30, max_depth: null, random_state: 3 };
const hits = (probabilities: Float64Array, labels: Int32Array, classCount: number): number =>
  labels.reduce((sum, label, row) => {
    const scores = probabilities.subarray(row * classCount, (row + 1) * classCount);
    return sum + (scores.indexOf(scores.reduce((most, score) => Math.max(most, score), 0)) === label ? 1 : 0);
  }, 0) / labels.length;

describe('binFeatures', () => {
  it('puts an edge in the middle between every two of a few values', () => {
    const { edges, bins } = binFeatures(Float32Array.of(3, 1, 2, 1), 4, 1);
    expect(edges[0]).toEqual(Float32Array.of(1.5, 2.5));
    expect([...bins]).toEqual([2, 0, 1, 0]);
  });

  it('keeps neighbouring float32 values apart', () => {
    // The middle of these two rounds to the upper one.
    const low = 1 + 2 ** -23;
    const high = 1 + 2 ** -22;
    const { edges, bins } = binFeatures(Float32Array.of(low, high), 2, 1);
    expect(edges[0][0]).toBeLessThan(high);
    expect([...bins]).toEqual([0, 1]);
  });

  it('cuts many values into 256 bins of about one size, each within its edges', () => {
    const { rows } = sample(10_000, 1, () => 0);
    const { bins, edges } = binFeatures(rows, 10_000, 1);
    expect(edges[0].length).toBe(255);
    const counts = new Int32Array(256);
    for (const bin of bins) counts[bin]++;
    const within = bins.every((bin, row) => {
      const [above, upTo] = [bin > 0 ? edges[0][bin - 1] : -Infinity, bin < 255 ? edges[0][bin] : Infinity];
      return rows[row] > above && rows[row] <= upTo;
    });
    expect(within).toBe(true);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(39);
    expect(Math.max(...counts)).toBeLessThanOrEqual(40);
  });
});

describe('TreeGrower', () => {
  const grown = (data: ReturnType<typeof sample>, maxDepth: number | null) =>
    new TreeGrower(binFeatures(data.rows, data.labels.length, data.featureCount), data.labels, {
      classCount: data.classCount,
      maxDepth,
      featuresPerSplit: data.featureCount,
    }).grow(new Rng(5, 5));

  it('finds the one split that parts the classes', () => {
    const data = sample(200, 3, ([, second]) => (second > 0.25 ? 1 : 0));
    const tree = grown(data, null);
    expect([...tree.feature]).toEqual([1, -1, -1]);
    expect(tree.threshold[0]).toBeCloseTo(0.25, 1);
    expect([...tree.probabilities]).toEqual([1, 0, 0, 1]);
  });

  it('looks on when the features it drew do not vary', () => {
    const { rows, labels } = sample(40, 1, ([a]) => (a > 0 ? 1 : 0));
    const hidden = Float32Array.from({ length: 400 }, (_, place) =>
      place % 10 === 6 ? rows[Math.floor(place / 10)] : 1,
    );
    const grower = new TreeGrower(binFeatures(hidden, 40, 10), labels, {
      classCount: 2,
      maxDepth: null,
      featuresPerSplit: 1,
    });
    for (let stream = 0; stream < 10; stream++) expect(grower.grow(new Rng(5, stream)).feature[0]).toBe(6);
  });

  it('tells exclusive or apart, whose first split gains nothing', () => {
    const corners = [0, 0, 0, 1, 1, 0, 1, 1];
    const data = {
      rows: Float32Array.from({ length: 80 }, (_, place) => corners[place % 8]),
      labels: Int32Array.from({ length: 40 }, (_, row) => [0, 1, 1, 0][row % 4]),
      featureCount: 2,
      classCount: 2,
    };
    const tree = grown(data, null);
    data.labels.forEach((label, row) => {
      expect(tree.probabilities[leafOf(tree, data.rows, row * 2) + label]).toBe(1);
    });
  });

  it('grows the same tree from the same numbers, whatever it grew before', () => {
    const data = sample(300, 5, ([a, b]) => (a * b > 0 ? 1 : 0));
    const grower = new TreeGrower(binFeatures(data.rows, 300, 5), data.labels, {
      classCount: 2,
      maxDepth: null,
      featuresPerSplit: 2,
    });
    const first = grower.grow(new Rng(1, 1));
    const other = grower.grow(new Rng(1, 2));
    expect(grower.grow(new Rng(1, 1))).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('stops at its depth and gives the shares of what is left', () => {
    const data = sample(500, 2, ([a, b]) => (a * b > 0 ? 1 : 0));
    const tree = grown(data, 2);
    expect(tree.feature.length).toBeLessThanOrEqual(7);
    for (let leaf = 0; leaf < tree.probabilities.length; leaf += 2)
      expect(tree.probabilities[leaf] + tree.probabilities[leaf + 1]).toBeCloseTo(1, 6);
    expect(grown(data, null).feature.length).toBeGreaterThan(7);
  });

  it('makes a leaf of rows that no feature tells apart', () => {
    const data = { rows: new Float32Array(20), labels: sample(20, 1, ([a]) => (a > 0 ? 1 : 0)).labels };
    const tree = grown({ ...data, featureCount: 1, classCount: 2 }, null);
    expect([...tree.feature]).toEqual([-1]);
  });
});

describe('fitRandomForest', () => {
  const rule = ([a, b]: Float32Array): number => (a * a + b * b < 0.4 ? 0 : a > b ? 1 : 2);
  const data = sample(1_000, 4, rule);
  const unseen = ((): typeof data => {
    const all = sample(2_000, 4, rule);
    return { ...all, rows: all.rows.slice(4_000), labels: all.labels.slice(1_000) };
  })();

  it('learns what a single split can not tell, and carries it over to rows it has not seen', () => {
    const model = fitRandomForest(data, parameters);
    expect(hits(model.probabilities(unseen.rows), unseen.labels, 3)).toBeGreaterThan(0.9);
    const stump = fitRandomForest(data, { ...parameters, n_estimators: 1, max_depth: 1 });
    expect(hits(stump.probabilities(unseen.rows), unseen.labels, 3)).toBeLessThan(0.8);
  });

  it('is the same for the same seed and another for another', () => {
    const file = (random_state: number) => fitRandomForest(data, { ...parameters, random_state }).toOnnx([0, 1, 2]);
    expect(file(3)).toEqual(file(3));
    expect(file(3)).not.toEqual(file(4));
  });

  it('grows each tree on a sample of its own and tells of it', () => {
    const told: [number, number][] = [];
    const { facts } = fitRandomForest(data, { ...parameters, n_estimators: 2 }, (step, of) => told.push([step, of]));
    expect(told).toEqual([[1, 2], [2, 2]]); // prettier-ignore
    const single = fitRandomForest(data, { ...parameters, n_estimators: 1 });
    const same = fitRandomForest(data, { ...parameters, n_estimators: 2 });
    expect(same.probabilities(unseen.rows)).not.toEqual(single.probabilities(unseen.rows));
    expect(facts.nodes).toBe(same.facts.nodes);
  });

  it('refuses to outgrow its budget and says what to change', () => {
    expect(() => fitRandomForest(data, parameters, undefined, 500)).toThrow(
      /PARAMETER_INVALID.*nodes after \d+ of 30 trees.*max_depth or lower n_estimators/,
    );
  });
});
