import { describe, expect, it } from 'vitest';
import { readJson } from './json-body.js';

const read = (text: string): unknown => readJson(Buffer.from(text));

describe('a body', () => {
  it.each<[string, unknown]>([
    ['{"a":NaN,"b":[Infinity,-Infinity, NaN ]}', { a: NaN, b: [Infinity, -Infinity, NaN] }],
    ['{"a":"NaN","b":"\\"NaN","c":NaN}', { a: 'NaN', b: '"NaN', c: NaN }],
    [String.raw`["\\",NaN,"\\\"","\u0041\n"]`, ['\\', NaN, '\\"', 'A\n']],
    [' [ 1 , -2.5e3 , true , false , null , {} , [] , NaN ] ', [1, -2500, true, false, null, {}, [], NaN]],
    ['[1234567890123456789,-9223372036854775808,9007199254740991]', [1234567890123456789n, -(2n ** 63n), 2 ** 53 - 1]],
    ['[1234567890123456.5,1e400,-0,NaN]', [1234567890123456.5, Infinity, -0, NaN]],
    ['{"a":1,"a":NaN}', { a: NaN }],
    ['NaN', NaN],
  ])('%s is read', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each(
    [
      [
        '1NaN',
        '[NaN1]',
        '-NaN',
        '--Infinity',
        'NaNNaN',
        '+Infinity',
        'nan',
        '{NaN:1}',
        '[NaN,]',
        '[,NaN]',
        '{"a":NaN,}',
      ],
      ['{"a" NaN}', '{"a":NaN', '[NaN', '"NaN', 'NaN"', '["\n",NaN]', '["\\x",NaN]', '[01,NaN]', '[1.,NaN]', '[-,NaN]'],
      ['[1234567890123456', '[1234567890123456 1]', '[1-2,NaN]', `${'['.repeat(1_000_000)}NaN`],
    ].flat(),
  )('%# is no JSON', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('may name what objects inherit', () => {
    const value = read('{"__proto__":{"polluted":1},"a":NaN}') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('takes one pass, however it is written', () => {
    const quotes = String.raw`\"`.repeat(2_500_000);
    expect(read(`NaN"${quotes}`)).toBeUndefined();
    expect(read(`[NaN,"${quotes}`)).toBeUndefined();
    expect(read(`[NaN,"${quotes}"]`)).toEqual([NaN, '"'.repeat(2_500_000)]);
    expect(read(`[NaN,"${'\\'.repeat(5_000_001)}`)).toBeUndefined();
    expect(read(`[NaN,"${'\\'.repeat(5_000_000)}"]`)).toEqual([NaN, '\\'.repeat(2_500_000)]);
    expect(read(`[NaN,${'"",'.repeat(1_000_000)}`)).toBeUndefined();
    expect(read(`[NaN,"${'x'.repeat(9_000_000)}"]`)).toEqual([NaN, 'x'.repeat(9_000_000)]);
    expect(read(`[NaN,${'1'.repeat(5_000_000)}]`)).toEqual([NaN, Infinity]);
  });
});
