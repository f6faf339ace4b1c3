import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { binFeatures } from './binned-features.js';
import { leafOf } from './decision-tree.js';
import { drawWeights, TreeGrower } from './forest-tree.js';

interface Weighed {
  value: number;
  weight: number;
}

/** By definition: between the two in the middle, each as often as it weighs. */
const medianOf = (side: readonly Weighed[]): number => {
  const all = side.flatMap(({ value, weight }) => Array<number>(weight).fill(value)).sort((a, b) => a - b);
  return (all[(all.length - 1) >> 1] + all[all.length >> 1]) / 2;
};
const errorOf = (side: readonly Weighed[]): number => {
  const median = medianOf(side);
  return side.reduce((sum, { value, weight }) => sum + weight * Math.abs(value - median), 0);
};

interface Given {
  rowCount: number;
  /** Different values that a target may have, and a feature. */
  targetValues: number;
  gaps: boolean;
  bootstrap: boolean;
  minSamplesLeaf: number;
}

const made = ({ rowCount, targetValues, gaps }: Given, seed: number) => {
  const rng = new Rng(seed, 0);
  const featureCount = 3;
  const rows = Float32Array.from({ length: rowCount * featureCount }, () =>
    gaps && rng.below(5) === 0 ? NaN : rng.below(12) / 4,
  );
  const targets = Float64Array.from({ length: rowCount }, (_, row) => {
    const first = rows[row * featureCount];
    return (Number.isNaN(first) ? 2 : first) + rng.below(targetValues) / 3;
  });
  return { rows, targets, featureCount };
};

/** The least error that any cut of any feature leaves, what is missing to either side or to one alone: tried one by one. */
const leastError = ({ rows, targets, featureCount }: ReturnType<typeof made>, weights: Int32Array, least: number) => {
  let best = Infinity;
  const drawn = [...weights.keys()].filter((row) => weights[row] > 0);
  for (let feature = 0; feature < featureCount; feature++) {
    const valueOf = (row: number) => rows[row * featureCount + feature];
    for (const cut of [...new Set(drawn.map(valueOf)), Infinity].filter((value) => !Number.isNaN(value)))
      for (const missingLeft of [true, false]) {
        const goesLeft = (row: number) => (Number.isNaN(valueOf(row)) ? missingLeft : valueOf(row) <= cut);
        const sides = [true, false].map((left) =>
          drawn.filter((row) => goesLeft(row) === left).map((row) => ({ value: targets[row], weight: weights[row] })),
        );
        if (sides.some(({ length }) => length < least)) continue;
        best = Math.min(best, errorOf(sides[0]) + errorOf(sides[1]));
      }
  }
  return best;
};

describe('splits by absolute error', () => {
  const common = { targetValues: 1_000, gaps: false, bootstrap: false, minSamplesLeaf: 1 };
  // Both ways of searching: by sorting the few rows of a small node, and by bins.
  it.each<[string, Given]>([
    ['few rows', { ...common, rowCount: 24 }],
    ['many rows', { ...common, rowCount: 150 }],
    ['few rows with gaps', { ...common, rowCount: 24, gaps: true }],
    ['many rows with gaps', { ...common, rowCount: 150, gaps: true }],
    ['few rows that were drawn', { ...common, rowCount: 30, bootstrap: true }],
    ['many rows that were drawn, with gaps', { ...common, rowCount: 200, bootstrap: true, gaps: true }],
    ['values that many rows share', { ...common, rowCount: 120, targetValues: 3, bootstrap: true }],
    ['leaves of many rows', { ...common, rowCount: 90, minSamplesLeaf: 30, gaps: true }],
  ])('leave as little as any cut does, and their leaves say medians: %s', (_, given) => {
    for (let seed = 1; seed <= 8; seed++) {
      const data = made(given, seed);
      const { rows, targets, featureCount } = data;
      const { rowCount, bootstrap, minSamplesLeaf } = given;
      const growth = { maxDepth: 1, minSamplesSplit: 2, minSamplesLeaf, featuresPerSplit: featureCount, bootstrap };
      const target = { kind: 'values', criterion: 'absolute_error', targets, base: 0 } as const;
      const grower = new TreeGrower(binFeatures(rows, rowCount, featureCount), target, growth);
      // Nothing of one tree is left when the next one is grown.
      grower.grow(new Rng(seed, 1));
      const { tree, gains } = grower.grow(new Rng(seed, 2));
      const weights = new Int32Array(rowCount);
      drawWeights(weights, bootstrap, new Rng(seed, 2));
      const drawn = [...weights.keys()].filter((row) => weights[row] > 0);
      const leaves = Map.groupBy(drawn, (row) => leafOf(tree, rows, row * featureCount));
      const weighed = (these: readonly number[]) => these.map((row) => ({ value: targets[row], weight: weights[row] }));
      expect(leaves.size).toBe(2);
      let left = 0;
      for (const [leaf, these] of leaves) {
        expect(tree.values[leaf]).toBe(Math.fround(medianOf(weighed(these))));
        left += errorOf(weighed(these));
      }
      expect(left).toBeCloseTo(leastError(data, weights, minSamplesLeaf), 8);
      const gained = gains.reduce((sum, gain) => sum + gain, 0);
      expect(gained).toBeCloseTo(errorOf(weighed(drawn)) - left, 8);
    }
  });
});
