import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '#contracts';
import { data, refusal } from './encode-scoring.behaviour.js';

const column = (name: string, required = true) => ({ name, type: 'double', required });
/** So many that comparing each with each would take hours. */
const manyNames = Array.from({ length: 1_000_000 }, (_, at) => `c${String(at)}`);
const table: ModelSignature = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  columns: [column('a'), column('b'), column('c', false)],
};

describe('a table of named columns', () => {
  it.each<[string, object]>([
    [
      'dataframe_split',
      {
        dataframe_split: {
          columns: ['a', 'b', 'c'],
          data: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
      },
    ],
    [
      'columns in another order',
      {
        dataframe_split: {
          columns: ['c', 'a', 'b'],
          data: [
            [3, 1, 2],
            [6, 4, 5],
          ],
        },
      },
    ],
    [
      'an index',
      {
        dataframe_split: {
          columns: ['a', 'b', 'c'],
          index: [7, 'x'],
          data: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
      },
    ],
    [
      'columns that nobody knows',
      {
        dataframe_split: {
          columns: ['z', 'a', 'b', 'c'],
          data: [
            ['?', 1, 2, 3],
            [[], 4, 5, 6],
          ],
        },
      },
    ],
    [
      'no names of columns',
      {
        dataframe_split: {
          data: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
      },
    ],
    [
      'dataframe_records',
      {
        dataframe_records: [
          { a: 1, b: 2, c: 3 },
          { c: 6, b: 5, a: 4 },
        ],
      },
    ],
    [
      'records as instances',
      {
        instances: [
          { a: 1, b: 2, c: 3 },
          { c: 6, b: 5, a: 4 },
        ],
      },
    ],
    [
      'records as inputs',
      {
        inputs: [
          { a: 1, b: 2, c: 3 },
          { c: 6, b: 5, a: 4 },
        ],
      },
    ],
    [
      'rows as instances',
      {
        instances: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
    ],
    [
      'rows as inputs',
      {
        inputs: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
    ],
    ['columns as inputs', { inputs: { a: [1, 4], b: [2, 5], c: [3, 6] } }],
    ['columns as instances', { instances: { a: [1, 4], b: [2, 5], c: [3, 6] } }],
    [
      "the graph's own tensor",
      {
        inputs: {
          features: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
      },
    ],
    [
      'numbers as text',
      {
        dataframe_split: {
          columns: ['a', 'b', 'c'],
          data: [
            ['1', ' 2e0', '+3.'],
            [4, 5, 6],
          ],
        },
      },
    ],
    [
      'params and whatever else beside it',
      {
        inputs: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        params: [1],
        more: 1,
      },
    ],
  ])('takes %s', (_, body) => {
    expect(data(table, body)).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  it('takes single values as one row', () => {
    expect(data(table, { inputs: { a: 1, b: 2, c: 3 } })).toEqual([[1, 2, 3]]);
  });

  it('knows what is missing as NaN: an optional column, null, a field that a record leaves out, NaN itself', () => {
    expect(data(table, { dataframe_split: { columns: ['a', 'b'], data: [[1, 2]] } })).toEqual([[1, 2, NaN]]);
    expect(data(table, { dataframe_split: { columns: ['a', 'b', 'c'], data: [[null, NaN, 'nan']] } })).toEqual([
      [NaN, NaN, NaN],
    ]);
    expect(data(table, { dataframe_records: [{ a: 1, b: 2 }, { a: 3 }] })).toEqual([[1, 2, NaN, 3, NaN, NaN]]);
    expect(data(table, { inputs: [[Infinity, '-inf', true]] })).toEqual([[Infinity, -Infinity, 1]]);
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'The body must be an object such as'],
    ['null', null, 'not null'],
    ['no form', { data: [] }, 'it has none of them'],
    ['two forms', { inputs: [], instances: [] }, 'it has instances and inputs'],
    ['a split frame that is a list', { dataframe_split: [] }, 'dataframe_split must be an object, not a list'],
    ['a split frame without data', { dataframe_split: { columns: ['a'] } }, 'must be a list of rows, not nothing'],
    ['an unknown part', { dataframe_split: { data: [], rows: 1 } }, '"rows" is unknown'],
    ['columns that are no list', { dataframe_split: { columns: 'a', data: [] } }, 'must be a list of names'],
    ['a column named twice', { dataframe_split: { columns: ['a', 'a'], data: [] } }, 'names "a" twice'],
    [
      'one column of very many named twice',
      { dataframe_split: { columns: [...manyNames, 'c7'], data: [] } },
      'names "c7" twice',
    ],
    ['an index of another length', { dataframe_split: { data: [[1, 2, 3]], index: [] } }, 'one entry per row'],
    ['a short row', { dataframe_split: { columns: ['a', 'b'], data: [[1, 2], [1]] } }, 'row 1 has 1 value, not 2'],
    [
      'a missing column',
      { dataframe_split: { columns: ['a', 'z'], data: [[1, 2]] } },
      'missing inputs: "b". Given were "a", "z"',
    ],
    ['too few values', { inputs: [[1, 2]] }, 'Row 0 has 2 values; the model takes 3'],
    ['no list', { inputs: [1, 2, 3] }, 'Row 0 is a number; it must be a list of 3 values'],
    ['a single value', { inputs: 5 }, 'Row 0 is a number'],
    ['no row', { dataframe_split: { columns: ['a', 'b', 'c'], data: [] } }, 'There is no row'],
    ['no record', { dataframe_records: [] }, 'There is no row'],
    ['no value', { instances: [] }, 'There is no row'],
    ['records that are an object', { dataframe_records: {} }, 'must be a list of records, not an object'],
    ['a record that is none', { dataframe_records: [{ a: 1 }, 2] }, 'row 1 is a number, not a record'],
    ['columns of several lengths', { inputs: { a: [1], b: [1, 2] } }, '"a" has 1 values, "b" 2'],
    ['text', { inputs: [[1, 'two', 3]] }, 'Row 0: the column "b" must be a number, not "two"'],
    ['a list in a cell', { inputs: [[1, [2, 3], 3]] }, 'Row 0: the column "b" must be a number, not a list'],
    ['an object in a cell', { inputs: [[1, {}, 3]] }, 'must be a number, not an object'],
    [
      'millions of digits that are no number',
      { inputs: [[1, `${'1'.repeat(5_000_000)}x`, 3]] },
      'must be a number, not "1',
    ],
    [
      'millions of digits behind a point',
      { inputs: [[1, `.${'1'.repeat(5_000_000)}x`, 3]] },
      'must be a number, not ".1',
    ],
    ['an integer beyond a double', { inputs: [[1, '1'.repeat(350), 3]] }, 'must be within the range of FP32, not "111'],
    ['a word that objects know', { inputs: [[1, 'constructor', 3]] }, 'must be a number, not "constructor"'],
    ['more than the type holds', { inputs: [[1, 1e300, 3]] }, 'within the range of FP32'],
  ])('refuses %s', (_, body, detail) => {
    expect(refusal(table, body)).toContain(detail);
  });
});
