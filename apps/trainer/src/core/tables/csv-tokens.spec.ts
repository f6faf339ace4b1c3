import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvTokens } from './csv-tokens.js';

const text = new TextDecoder();

/** Records with their lines, of text that comes in pieces of so many bytes. */
const recordsOf = (csv: string, pieceBytes = 1_000_000, mostColumns = 100): [number, string[]][] => {
  const records: [number, string[]][] = [];
  const tokens = new CsvTokens(mostColumns, ({ bytes, starts, ends, count, line }) => {
    const cells = Array.from({ length: Math.min(count, starts.length) }, (_, at) =>
      text.decode(bytes.subarray(starts[at], ends[at])),
    );
    records.push([line, cells]);
  });
  const bytes = new TextEncoder().encode(csv);
  for (let at = 0; at < bytes.length; at += pieceBytes) tokens.push(bytes.slice(at, at + pieceBytes));
  tokens.end();
  return records;
};

describe('CsvTokens', () => {
  it.each<[string, string, [number, string[]][]]>([
    ['plain', 'a,b\n1,2\n', [[1, ['a', 'b']], [2, ['1', '2']]]], // prettier-ignore
    ['no end of line', 'a,b\n1,2', [[1, ['a', 'b']], [2, ['1', '2']]]], // prettier-ignore
    ['CR LF and CR', 'a,b\r\n1,2\r3,4', [[1, ['a', 'b']], [2, ['1', '2']], [3, ['3', '4']]]], // prettier-ignore
    ['blanks around cells', ' a ,\tb\t\n', [[1, ['a', 'b']]]],
    ['blanks in quotes', '" a ", "b" \n', [[1, [' a ', 'b']]]],
    ['quotes, commas and lines in quotes', '"a ""x"", y","b\nc"\nd,e\n', [[1, ['a "x", y', 'b\nc']], [3, ['d', 'e']]]], // prettier-ignore
    ['empty cells', ',\n"",x\n', [[1, ['', '']], [2, ['', 'x']]]], // prettier-ignore
    ['empty lines', '\n\na,b\n  \n\n1,2\n\n', [[3, ['a', 'b']], [6, ['1', '2']]]], // prettier-ignore
    ['a byte order mark', '\ufeffa,b\n', [[1, ['a', 'b']]]],
    ['a quoted empty cell alone', 'a\n""\n', [[1, ['a']], [2, ['']]]], // prettier-ignore
  ])('reads %s, however it is cut', (_, csv, records) => {
    for (const piece of [1, 2, 3, 7, 1000]) expect(recordsOf(csv, piece)).toEqual(records);
  });

  it.each([
    ['a quote that is never closed', 'a,b\n1,"2\n3,4\n', /Line 2 .*never closed/],
    ['a quote within a cell', 'a,b\n1,2"3\n', /Line 2 .*middle of a cell/],
    ['text behind a quote', 'a,b\n\n"1"2,3\n', /Line 3 .*follows a closing quote/],
  ])('refuses %s by its line', (_, csv, sentence) => {
    for (const piece of [1, 5, 1000]) expect(() => recordsOf(csv, piece)).toThrow(sentence);
  });

  it('refuses a line of a megabyte instead of gathering it', () => {
    expect(() => recordsOf(`a,b\n"${'x'.repeat(2_000_000)}`, 65_536)).toThrow(/DATASET_INVALID.*Line 2 is longer/);
  });

  it('keeps count of more cells than it has room for', () => {
    const counts: number[] = [];
    const tokens = new CsvTokens(2, ({ count }) => counts.push(count));
    tokens.push(new TextEncoder().encode('a,b\n1,2,3,4,5\n'));
    tokens.end();
    expect(counts).toEqual([2, 5]);
  });

  it('reads what csv-parse reads', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', 'ü', '0', '\t'), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), fc.boolean(), (rows, piece, quoteAll) => {
        const written = rows.map((row) =>
          row.map((each) => (quoteAll || /[,"\n]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each)).join(','),
        );
        const csv = written.join('\n');
        const expected = parse(csv, { trim: true, skip_empty_lines: true, relax_column_count: true });
        expect(recordsOf(csv, piece).map(([, cells]) => cells)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
