import type { Labels } from './classes.js';
import { Rng } from '../learning/rng.js';
import { PlatformError } from '#runtime';
import type { Target } from './target-builder.js';

/** Positions of rows, ascending. */
export interface Split {
  train: Int32Array;
  test: Int32Array;
}

/** Keep splits apart from what is random in a fit: every recipe is measured on the same rows. */
const SPLIT_STREAM = 1;
const FOLD_STREAM = 2;
/** Two rows on either side. */
const FEWEST_ROWS = 4;

/**
 * Holds rows out: stratified ones as scikit-learn's `train_test_split(stratify=…)` does (`ceil(share · n)` rows, dealt to the classes by
 * largest remainder, at least one of every class on either side), others at random.
 * @throws PlatformError DATASET_TOO_SMALL
 */
export const splitRows = (target: Target, share: number, stratify: boolean, randomState: number): Split => {
  const rowCount = target.kind === 'classes' ? target.ids.length : target.values.length;
  if (rowCount < FEWEST_ROWS)
    throw tooSmall(`The data set has ${String(rowCount)} rows; ${String(FEWEST_ROWS)} are needed at least.`);
  const rng = new Rng(randomState, SPLIT_STREAM);
  const groups =
    stratify && target.kind === 'classes'
      ? groupsOf(target.ids, target.classes, 2, 'one to train and one to test')
      : [Int32Array.from({ length: rowCount }, (_, row) => row)];
  const held = deal(
    Math.ceil(share * rowCount),
    groups.map(({ length }) => length),
  );
  const test: number[] = [];
  const train: number[] = [];
  groups.forEach((group, id) => {
    rng.shuffle(group);
    group.forEach((row, place) => (place < held[id] ? test : train).push(row));
  });
  return { train: Int32Array.from(train).sort(), test: Int32Array.from(test).sort() };
};

/**
 * Cuts rows into folds of equal size, each the test of one split; stratified as scikit-learn's `StratifiedKFold(shuffle=True)`.
 * @param rows positions, as of a training part
 * @throws PlatformError DATASET_TOO_SMALL
 */
export const foldsOf = (
  target: Target,
  rows: Int32Array,
  count: number,
  stratify: boolean,
  randomState: number,
): Split[] => {
  if (rows.length < count)
    throw tooSmall(
      `${String(count)} folds need ${String(count)} rows to train on at least; there are ${String(rows.length)}.`,
    );
  const rng = new Rng(randomState, FOLD_STREAM);
  const foldOf = new Int32Array(rows.length);
  const groups =
    stratify && target.kind === 'classes'
      ? groupsOf(
          rows.map((row) => target.ids[row]),
          target.classes,
          2,
          'one to train and one to test',
        )
      : [Int32Array.from({ length: rows.length }, (_, place) => place)];
  // Each group goes on where the one before ended, so that no fold gets all the remainders.
  let next = 0;
  for (const group of groups) {
    rng.shuffle(group);
    for (const place of group) foldOf[place] = next++ % count;
  }
  return Array.from({ length: count }, (_, fold) => ({
    train: rows.filter((_row, place) => foldOf[place] !== fold),
    test: rows.filter((_row, place) => foldOf[place] === fold),
  }));
};

/** The places of each class. */
const groupsOf = (ids: Int32Array, classes: Labels, fewest: number, why: string): Int32Array[] => {
  const places = classes.map(() => [] as number[]);
  ids.forEach((id, place) => places[id].push(place));
  const rare = places.findIndex(({ length }) => length < fewest);
  if (rare >= 0)
    throw tooSmall(
      `The class "${String(classes[rare])}" has ${String(places[rare].length)} row; each needs ${String(fewest)} at least, ${why}. ` +
        `Without dataset.stratify rows are split whatever their class.`,
    );
  return places.map((each) => Int32Array.from(each));
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

const tooSmall = (sentence: string): PlatformError => new PlatformError('DATASET_TOO_SMALL', sentence);
