import { PlatformError } from '#runtime';
import type { Labels } from './labels.js';
import { Rng } from './rng.js';

/** Positions of rows, ascending. */
export interface Split {
  train: Int32Array;
  test: Int32Array;
}

/** Keeps the split apart from what is random in a fit: every recipe is measured on the same rows. */
const SPLIT_STREAM = 1;

/**
 * Holds rows out so that each class keeps its share on both sides, as scikit-learn's `train_test_split(stratify=…)` does: `ceil(share · n)`
 * rows, dealt to the classes by largest remainder, at least one of every class on either side.
 * @param ids the class of each row
 * @throws PlatformError DATASET_TOO_SMALL naming a class that can't be on both sides.
 */
export const stratifiedSplit = (ids: Int32Array, classes: Labels, testShare: number, randomState: number): Split => {
  const rowsOf = classes.map(() => [] as number[]);
  ids.forEach((id, row) => rowsOf[id].push(row));
  const rare = rowsOf.findIndex((rows) => rows.length < 2);
  if (rare >= 0)
    throw new PlatformError(
      'DATASET_TOO_SMALL',
      `The class "${String(classes[rare])}" has ${String(rowsOf[rare].length)} row; each needs two at least, one to train and one to test.`,
    );
  const counts = rowsOf.map((rows) => rows.length);
  const held = deal(Math.ceil(testShare * ids.length), counts);
  const rng = new Rng(randomState, SPLIT_STREAM);
  const test: number[] = [];
  const train: number[] = [];
  rowsOf.forEach((rows, id) => {
    const shuffled = Int32Array.from(rows);
    rng.shuffle(shuffled);
    shuffled.forEach((row, place) => (place < held[id] ? test : train).push(row));
  });
  return { train: Int32Array.from(train).sort(), test: Int32Array.from(test).sort() };
};

/** Divides `total` in proportion to `counts`; what rounding leaves goes to the largest remainders, the first of equals. */
const deal = (total: number, counts: readonly number[]): number[] => {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (total * count) / all);
  const dealt = exact.map(Math.floor);
  const left = total - dealt.reduce((sum, count) => sum + count, 0);
  const byRemainder = exact.map((share, id) => ({ id, remainder: share - dealt[id] }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.id - b.id);
  for (const { id } of byRemainder.slice(0, left)) dealt[id]++;
  return dealt.map((count, id) => Math.min(Math.max(count, 1), counts[id] - 1));
};
