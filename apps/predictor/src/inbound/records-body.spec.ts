import { describe, expect, it } from 'vitest';
import { compileRecords } from '../core/encode-records.js';
import { recordsBody } from './records-body.js';

const encodeRecords = compileRecords({
  inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
});
const encoded = (text: string): number[] => {
  const [{ data }] = encodeRecords(recordsBody(new TextEncoder().encode(text)));
  return Array.from(data as Float32Array);
};

describe('the body of a model that takes fields by their order', () => {
  it.each([
    ['plain names', '[{"b": 1, "a": 2}, {"b": 3, "a": 4}]', [1, 2, 3, 4]],
    ['names that are integers', '[{"10":1,"2":2},{"10":3,"2":4}]', [1, 2, 3, 4]],
    ['an integer behind a word', '[{"b":1,"0":2}]', [1, 2]],
    ['names with quotes, colons and backslashes', String.raw`[{"a\":\\" :1,"0: \"b\"":2}]`, [1, 2]],
  ])('keeps the order of %s', (_, text, values) => {
    expect(encoded(text)).toEqual(values);
  });

  it('reads names of millions of escapes, and millions of spaces behind them', () => {
    const name = String.raw`\n\\\"`.repeat(2_000_000);
    expect(encoded(`[{"${name}"${' '.repeat(5_000_000)}:1,"0":2}]`)).toEqual([1, 2]);
  });

  it('counts a field that is written twice as two', () => {
    expect(() => encoded('[{"a":1,"b":2,"a":3}]')).toThrow(/takes exactly 2 fields, not 3/);
  });

  it('names the row and the field as they were written', () => {
    expect(() => encoded('[{"1":1,"0":"x"}]')).toThrow(/Row 0: the feature "0" must be/);
    expect(() => encoded('[{"1":1,"0":2},{"0":1,"1":2}]')).toThrow(/Row 1: field "0" stands where row 0 has "1"/);
  });

  it('leaves what is no list or no record to the encoder', () => {
    expect(() => encoded('{"a":1}')).toThrow(/must be a list/);
    expect(() => encoded('[[1,2]]')).toThrow(/Row 0 is a list/);
    expect(() => encoded('[')).toThrow(/not JSON/);
  });
});
