import { describe, expect, it } from 'vitest';
import { stratifiedSplit } from './split.js';

const labelled = (...counts: number[]) => ({
  ids: Int32Array.from(counts.flatMap((count, id) => Array.from({ length: count }, () => id))),
  classes: counts.map((_, id) => id),
});
const countsOf = (ids: Int32Array, rows: Int32Array): number[] => {
  const counts: number[] = [];
  rows.forEach((row) => (counts[ids[row]] = (counts[ids[row]] ?? 0) + 1));
  return counts;
};

describe('stratifiedSplit', () => {
  it.each<[number[], number, number[]]>([
    [[50, 50, 50], 0.25, [13, 13, 12]],
    [[90, 10], 0.2, [18, 2]],
    [[97, 3], 0.1, [10, 1]],
    [[98, 2], 0.1, [10, 1]],
    [[2, 2], 0.9, [1, 1]],
    [[2, 2], 0.01, [1, 1]],
  ])('deals classes of %j at a share of %d as %j', (counts, share, held) => {
    const { ids, classes } = labelled(...counts);
    const { train, test } = stratifiedSplit(ids, classes, share, 0);
    expect(countsOf(ids, test)).toEqual(held);
    expect([...train, ...test].sort((a, b) => a - b)).toEqual(Array.from(ids, (_, row) => row));
  });

  it('is the same for the same seed and another for another', () => {
    const { ids, classes } = labelled(50, 50, 50);
    const split = (seed: number): string => stratifiedSplit(ids, classes, 0.25, seed).test.join();
    expect(split(7)).toBe(split(7));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => split(seed))).size).toBe(50);
  });

  it('holds out every row about as often as any other', () => {
    const { ids, classes } = labelled(20, 20);
    const times = new Int32Array(40);
    for (let seed = 0; seed < 2000; seed++)
      for (const row of stratifiedSplit(ids, classes, 0.25, seed).test) times[row]++;
    // 500 expected, standard deviation 19.
    for (const count of times) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  it('refuses a class that can not be on both sides', () => {
    const { ids } = labelled(5, 1);
    expect(() => stratifiedSplit(ids, ['common', 'rare'], 0.25, 0)).toThrow(/DATASET_TOO_SMALL.*"rare" has 1 row;/);
  });
});
