import { describe, expect, it } from 'vitest';
import { CsvTable } from './csv-table.js';
import type { Table, TableRequest } from './table-builder.js';

const read = (csv: string, request: Partial<TableRequest> = {}): Table => {
  const table = new CsvTable({ task: 'classification', maxRows: 1_000_000, ...request });
  table.push(new TextEncoder().encode(csv));
  return table.finish();
};
const lines = (count: number, of: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => of(at)).join('\n');

describe('CsvTable', () => {
  it('makes numbers, categories and gaps of cells', () => {
    const { columns, target, rowCount } = read(
      'age,city,zip,y\n' + '30,Ulm,089,yes\n' + ',Köln,x1,no\n' + '1.5e1,NA,089,no\n' + 'nan,Ulm,,yes\n',
    );
    expect(rowCount).toBe(4);
    expect(columns).toEqual([
      { kind: 'number', name: 'age', values: Float32Array.of(30, NaN, 15, NaN) },
      { kind: 'category', name: 'city', codes: Int32Array.of(0, 1, -1, 0), categories: ['Ulm', 'Köln'] },
      // Leading zeros and all: some of its cells are texts, so all are.
      { kind: 'category', name: 'zip', codes: Int32Array.of(0, 1, 0, -1), categories: ['089', 'x1'] },
    ]);
    expect(target).toEqual({ kind: 'classes', name: 'y', classes: ['no', 'yes'], ids: Int32Array.of(1, 0, 0, 1) });
  });

  it('takes the columns that are asked for, whatever the others hold', () => {
    const csv = 'id,a,y,b\nx,1,0,inf\ny,2,1,\n';
    const chosen = read(csv, { target: 'y', features: ['a'] });
    expect(chosen.columns.map(({ name }) => name)).toEqual(['a']);
    expect(chosen.target).toMatchObject({ classes: [0, 1] });
    expect(read(csv, { target: 'y', drop: ['b', 'id'] }).columns).toEqual(chosen.columns);
    expect(read('a,b,y\n1,2,0\n2,1,1\n', { features: ['b', 'a'] }).columns.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('believes what is declared', () => {
    const csv = 'zip,n,y\n1,1,0\n02,2,1\n';
    const types = { zip: 'category' } as const;
    expect(read(csv, { types }).columns[0]).toMatchObject({ kind: 'category', categories: ['1', '02'] });
    expect(() => read('a,b,y\n1,2,0\nx,2,1\ny,2,1\n', { types: { a: 'number' } })).toThrow(
      /Line 3 has "x" in the column "a", which is declared as numbers/,
    );
  });

  it('reads quantities', () => {
    const { target } = read('a,price\n1,10.25\n2,-3e2\n', { task: 'regression' });
    expect(target).toEqual({ kind: 'quantity', name: 'price', values: Float64Array.of(10.25, -300) });
  });

  it('joins 1.0 and 1, and keeps digits that a double does not', () => {
    expect(read('a,y\n1,1.0\n2,1\n3,0\n4,-0\n').target).toMatchObject({
      classes: [0, 1],
      ids: Int32Array.of(1, 1, 0, 0),
    });
    const ids = read('a,y\n1,9007199254740993\n2,9007199254740992\n').target;
    expect(ids).toMatchObject({ classes: ['9007199254740992', '9007199254740993'] });
  });

  it('stops keeping texts of numbers, and tells a slip among them by its line', () => {
    const numbers = lines(3_000, (at) => `${String(at / 8)},${String(at % 2)}`);
    expect(read(`a,y\n${numbers}\n`).columns[0]).toMatchObject({ kind: 'number' });
    expect(() => read(`a,y\n${numbers}\n?,1\n`)).toThrow(/Line 3002 has "\?" in the column "a", whose other cells/);
    expect(() => read(`a,y\n${lines(20, (at) => `${at === 6 ? 'oops' : '1'},${String(at % 2)}`)}\n`)).toThrow(
      /Line 8 has "oops" in the column "a"/,
    );
  });

  it.each<[string, string, Partial<TableRequest>, RegExp]>([
    ['nothing', '', {}, /DATASET_INVALID.*empty/],
    ['a header only', 'a,b\n', {}, /header but no rows/],
    ['a line that is too short', 'a,b,y\n1,2,0\n1,2\n', {}, /Line 3 has 2 cells; the header has 3/],
    ['a line that is too long', 'a,b\n1,2\n\n3,4,5\n', {}, /Line 4 has 3 cells; the header has 2/],
    ['other separators', 'a;b\n1;2\n', {}, /single column "a;b".*commas/],
    ['no header', '1,2\n3,4\n', {}, /header line with the names/],
    ['a nameless column', 'a,,y\n', {}, /Column 2 has no name/],
    ['a name twice', 'a,a,y\n', {}, /"a" is there twice/],
    ['a target that is not there', 'a,b\n', { target: 'z' }, /target column "z" is not.*has: a, b/],
    ['a feature that is not there', 'a,b\n', { features: ['z'] }, /feature column "z"/],
    ['a dropped one that is not there', 'a,b\n', { drop: ['z'] }, /dropped column "z"/],
    ['a typed one that is not there', 'a,b\n', { types: { z: 'number' } }, /typed column "z"/],
    ['a target among the features', 'a,b\n', { features: ['b'] }, /"b" is among the features/],
    ['a dropped target', 'a,b\n', { drop: ['b'] }, /"b" is among the dropped/],
    ['a dropped feature', 'a,b,y\n', { features: ['a', 'b'], drop: ['b'] }, /"b" is both/],
    ['a feature asked for twice', 'a,b,y\n', { features: ['a', 'a'] }, /"a" is asked for twice/],
    ['nothing to learn from', 'a,y\n', { drop: ['a'] }, /No feature is left/],
    ['a row without a label', 'a,y\n1,x\n2,\n', {}, /Line 3 has no value in the target column "y"/],
    ['a word for a missing label', 'a,y\n1,x\n2,NA\n', {}, /Line 3 has no value in the target/],
    ['a single class', 'a,y\n1,x\n2,x\n', {}, /single class "x"/],
    ['quantities for classes', 'a,y\n1,1.5\n2,2\n', {}, /"y" holds numbers with fractions/],
    ['classes for quantities', 'a,y\n1,red\n2,blue\n', { task: 'regression' }, /Line 2 has "red" in the target/],
    ['an infinite quantity', 'a,y\n1,1\n2,1e39\n', { task: 'regression' }, /Line 3 has 1e\+39/],
    ['a quantity that never varies', 'a,y\n1,3\n2,3\n', { task: 'regression' }, /"y" is 3 in every row/],
    ['an infinite number', 'a,y\n1,0\ninf,1\n', {}, /Line 3 has "inf" in the column "a"; numbers must be finite/],
    ['a number beyond float32', 'a,y\n1,0\n-1e39,1\n', {}, /Line 3 has "-1e\+39" in the column "a"/],
    ['a column without a value', 'a,b,y\n,1,0\nNA,2,1\n', {}, /"a" has no value in any row/],
    ['columns that never vary', 'a,b,y\n1,x,0\n1,x,1\n', {}, /No feature differs/],
    ['too many rows', 'a,y\n1,0\n2,1\n3,0\n', { maxRows: 2 }, /more than 2 rows.*TRAINER_MAX_DATASET_ROWS/],
    ['a million classes', `a,y\n${lines(1_001, (at) => `1,c${String(at)}`)}\n`, {}, /"y" has more than 1000 classes/],
    ['too many categories', `a,y\n${lines(100_001, (at) => `c${String(at)},${String(at % 2)}`)}\n`, {}, /"a" has more than 100000 different/], // prettier-ignore
    ['a NUL in a name', 'a,"b\u0000",y\n1,2,0\n2,1,1\n', {}, /name of column 2 has the character U\+0000/],
    [
      'a quantity too large to add up',
      'a,y\n1,1\n2,2e34\n',
      { task: 'regression' },
      /Line 3 has 2e\+34 .*at most 1e\+34/,
    ],
    ['a NUL in a text', 'a,y\n"x\u0000",0\ny,1\n', {}, /U\+0000/],
  ])('refuses %s', (_, csv, request, sentence) => {
    expect(() => read(csv, request)).toThrow(sentence);
  });

  it('refuses what is not UTF-8', () => {
    const table = new CsvTable({ task: 'classification', maxRows: 10 });
    expect(() => {
      table.push(Buffer.from('a,y\n\u00fc,0\n', 'latin1'));
      table.finish();
    }).toThrow(/UTF-8/);
  });

  it('refuses more columns than it has room for by their number', () => {
    expect(() => read(`${Array.from({ length: 2_001 }, (_, at) => `c${String(at)}`).join(',')}\n`)).toThrow(
      /more than 2000 columns/,
    );
  });
});
