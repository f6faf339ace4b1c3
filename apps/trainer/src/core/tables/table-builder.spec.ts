import { describe, expect, it } from 'vitest';
import { TableBuilder, type TableRequest } from './table-builder.js';

/** A table of typed rows, as Parquet has them. */
const read = (rows: readonly string[][], request: Partial<TableRequest>) => {
  const builder = new TableBuilder(['size', 'y'], { task: 'regression', maxRows: 100, ...request }, 'Row');
  rows.forEach((cells, row) => {
    builder.row();
    cells.forEach((cell, at) => {
      builder.builders[at]?.addText(cell, row + 1);
    });
  });
  return builder.finish();
};

describe('a table with many columns', () => {
  it('may have fewer rows, and says so', () => {
    const header = Array.from({ length: 1_000 }, (_, at) => `c${String(at)}`);
    const builder = new TableBuilder(header, { task: 'regression', maxRows: 2_000_000 }, 'Row');
    builder.row(100_000);
    expect(() => {
      builder.row();
    }).toThrow(/more than 100000 rows of 999 features;.*dataset\.drop/);
  });
});

describe('texts of a typed file', () => {
  it('are numbers where numbers are declared, or due', () => {
    const table = read([['5.25', ' 1e2 '], ['NA', '-3'], ['', '4']], { types: { size: 'number' } }); // prettier-ignore
    expect(table.columns).toEqual([{ kind: 'number', name: 'size', values: Float32Array.of(5.25, NaN, NaN) }]);
    expect(table.target).toMatchObject({ kind: 'quantity', values: Float64Array.of(100, -3, 4) });
  });

  it('are categories elsewhere', () => {
    const table = read([['5.25', '1'], ['7', '2']], {}); // prettier-ignore
    expect(table.columns).toMatchObject([{ kind: 'category', categories: ['5.25', '7'] }]);
  });

  it('are refused where they are no numbers', () => {
    expect(() => read([['5', '1'], ['five', '2']], { types: { size: 'number' } })).toThrow(/Row 2 has "five".*declared as numbers/); // prettier-ignore
    expect(() => read([['5', '1'], ['6', 'two']], {})).toThrow(/Row 2 has "two" in the target column "y"/); // prettier-ignore
    expect(() => read([['5', '1'], ['1e39', '2']], { types: { size: 'number' } })).toThrow(/Row 2 has "1e\+39"/); // prettier-ignore
  });
});
