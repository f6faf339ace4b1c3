import { describe, expect, it } from 'vitest';
import { foldsOf, splitRows, type Split } from './splits.js';
import type { Target } from './target-builder.js';

const classes = (...ids: number[]): Target => ({
  kind: 'classes',
  name: 'y',
  classes: ['a', 'b', 'c'].slice(0, Math.max(...ids) + 1),
  ids: Int32Array.from(ids),
});
const many = classes(...Array.from({ length: 100 }, (_, row) => (row < 70 ? 0 : row < 90 ? 1 : 2)));
const values: Target = { kind: 'quantity', name: 'y', values: Float64Array.from({ length: 41 }, (_, row) => row) };
const countsOf = (rows: Int32Array): number[] =>
  [0, 1, 2].map((id) => rows.filter((row) => many.kind === 'classes' && many.ids[row] === id).length);
const everyRow = ({ train, test }: Split): number[] => [...train, ...test].sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, row) => row);

describe('splitRows', () => {
  it('keeps the share of each class', () => {
    const split = splitRows(many, 0.25, true, 7);
    expect(countsOf(split.test)).toEqual([18, 5, 2]);
    expect(everyRow(split)).toEqual(upTo(100));
  });

  it('is the same for a seed and another for another', () => {
    expect(splitRows(many, 0.25, true, 7)).toEqual(splitRows(many, 0.25, true, 7));
    expect(splitRows(many, 0.25, true, 7)).not.toEqual(splitRows(many, 0.25, true, 8));
  });

  it('holds rows out at random where there are no classes, or none are asked for', () => {
    for (const target of [values, classes(...new Array<number>(40).fill(0), 1)]) {
      const split = splitRows(target, 0.25, target === values, 3);
      expect(split.test).toHaveLength(11);
      expect(everyRow(split)).toEqual(upTo(41));
    }
  });

  it('leaves a row of each class on either side', () => {
    expect(splitRows(classes(0, 0, 0, 0, 0, 0, 1, 1), 0.01, true, 1).test).toHaveLength(2);
    expect(splitRows(classes(0, 0, 1, 1), 0.99, true, 1).train).toHaveLength(2);
  });

  it('refuses what is too small', () => {
    expect(() => splitRows(classes(0, 0, 1), 0.25, true, 1)).toThrow(/DATASET_TOO_SMALL.*3 rows; 4 are needed/);
    expect(() => splitRows(classes(0, 0, 0, 1), 0.25, true, 1)).toThrow(/"b" has 1 row.*dataset.stratify/);
  });
});

describe('foldsOf', () => {
  const rows = Int32Array.from({ length: 75 }, (_, at) => at + 20);

  it('tests every row once, in folds of one size and of each class its share', () => {
    const folds = foldsOf(many, rows, 5, true, 1);
    expect(folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual([...rows]);
    for (const fold of folds) {
      expect(fold.test).toHaveLength(15);
      expect(countsOf(fold.test)).toEqual([10, 4, 1]);
      expect(everyRow(fold)).toEqual([...rows]);
    }
  });

  it('shuffles', () => {
    const [first] = foldsOf(values, Int32Array.from(upTo(41)), 4, false, 1);
    expect(first.test).toHaveLength(11);
    expect([...first.test]).not.toEqual(upTo(11));
    expect(foldsOf(values, Int32Array.from(upTo(41)), 4, false, 2)[0]).not.toEqual(first);
  });

  it('refuses more folds than rows', () => {
    expect(() => foldsOf(values, Int32Array.of(1, 2, 3), 4, false, 1)).toThrow(
      /DATASET_TOO_SMALL.*4 folds need 4 rows/,
    );
  });
});
