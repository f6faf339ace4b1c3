import { describe, expect, it } from 'vitest';
import { checkTable, readTable, takeRows } from './table.js';

const text = {
  header: ['height', 'width', 'kind'],
  records: [
    ['1.5', ' 2 ', 'a'],
    ['-.5', '1e3', 'b'],
  ],
};

describe('readTable', () => {
  it('takes the last column as the target and all others as features', () => {
    expect(readTable(text)).toEqual({
      columns: ['height', 'width'],
      rows: Float32Array.of(1.5, 2, -0.5, 1000),
      labels: ['a', 'b'],
    });
  });

  it('takes the features that are asked for, in that order', () => {
    const records = [['7', '8', '0']];
    expect(readTable({ ...text, records }, 'width', ['kind', 'height'])).toEqual({
      columns: ['kind', 'height'],
      rows: Float32Array.of(0, 7),
      labels: [8],
    });
  });

  it.each<[string, () => unknown, RegExp]>([
    ['an unknown target', () => readTable(text, 'colour'), /target column "colour" is not in the data set.*height/],
    ['an unknown feature', () => readTable(text, 'kind', ['depth']), /feature column "depth"/],
    ['the target as a feature', () => readTable(text, 'kind', ['kind']), /"kind" is among the features/],
    ['a feature asked for twice', () => readTable(text, 'kind', ['width', 'width']), /"width" is asked for twice/],
    ['a column twice', () => readTable({ ...text, header: ['a', 'a', 'b'] }), /"a" is there twice/],
    ['one column', () => readTable({ header: ['a'], records: [['1']] }), /at least one feature/],
    ['a short row', () => readTable({ ...text, records: [['1', '2', 'a'], ['1']] }), /Row 2 has 1 cells/],
    ['a word', () => readTable({ ...text, records: [['1', 'tall', 'a']] }), /Row 1 has "tall" in the column "width"/],
    ['a gap', () => readTable({ ...text, records: [['', '2', 'a']] }), /Row 1 has nothing in the column "height"/],
    ['NaN', () => readTable({ ...text, records: [['NaN', '2', 'a']] }), /Row 1 has "NaN"/],
    ['hexadecimal', () => readTable({ ...text, records: [['0x10', '2', 'a']] }), /Row 1 has "0x10"/],
    ['beyond float32', () => readTable({ ...text, records: [['1e39', '2', 'a']] }), /Row 1 has "1e39"/],
  ])('refuses %s', (_, run, sentence) => {
    expect(run).toThrow(/^DATASET_INVALID/);
    expect(run).toThrow(sentence);
  });
});

describe('checkTable', () => {
  it.each<[string, number[], RegExp]>([
    ['NaN', [1, 2, NaN, 4], /Row 2 has "NaN" in the column "a"/],
    ['infinity', [1, -Infinity, 3, 4], /Row 1 has "-Infinity" in the column "b"/],
    ['sizes that do not fit', [1, 2, 3], /3 values are not 2 rows of 2 features/],
    ['features that are all constant', [1, 2, 1, 2], /No feature differs/],
  ])('refuses %s', (_, rows, sentence) => {
    const run = (): void => {
      checkTable({ columns: ['a', 'b'], rows: Float32Array.from(rows), labels: [0, 1] });
    };
    expect(run).toThrow(/^DATASET_INVALID/);
    expect(run).toThrow(sentence);
  });

  it('accepts a constant feature beside one that varies', () => {
    checkTable({ columns: ['a', 'b'], rows: Float32Array.of(1, 2, 1, 3), labels: [0, 1] });
  });
});

it('takes rows in the order asked for', () => {
  const table = { columns: ['a', 'b'], rows: Float32Array.of(1, 2, 3, 4, 5, 6), labels: [0, 1, 0] };
  expect(takeRows(table, Int32Array.of(2, 0))).toEqual(Float32Array.of(5, 6, 1, 2));
});
