import { describe, expect, it } from 'vitest';
import { pythonJson, type JsonValue } from './python-json.js';
import { readPythonJson } from './read-python-json.js';

const again = (text: string) => pythonJson(readPythonJson(text, 'x'));

describe('JSON as Python has it', () => {
  it.each([
    ['{"b":1,"a":[true,null,"x"]}', '{"b": 1, "a": [true, null, "x"]}'],
    ['{"2":0,"1":0}', '{"2": 0, "1": 0}'],
    ['[1, 1.0, -0, -0.0, 1e2, 1e16, 1E-5, 0.1]', '[1, 1.0, 0, -0.0, 100.0, 1e+16, 1e-05, 0.1]'],
    ['[NaN, Infinity, -Infinity]', '[NaN, Infinity, -Infinity]'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['"ü\\u0001😀/\\ud800"', '"\\u00fc\\u0001\\ud83d\\ude00/\\ud800"'],
    [' { } ', '{}'],
    ['{"a":1,"b":2,"a":3}', '{"a": 3, "b": 2}'],
    ['{"__proto__":{"x":1}}', '{"__proto__": {"x": 1}}'],
  ])('reads and writes %s', (text, expected) => {
    expect(again(text)).toBe(expected);
  });

  it.each(['', 'x', '{', '[1,]', '{"a" 1}', '{a:1}', "'x'", '01', '1 2', '"\n"', 'nul', '['.repeat(100_000)])(
    'refuses %j',
    (text) => {
      expect(() => readPythonJson(text, 'tags')).toThrow("parameter 'tags' supplied: it is no JSON");
    },
  );

  it('reads texts of any length, and ends at once when one has no end', () => {
    const long = 'x\\"'.repeat(3_000_000);
    expect(readPythonJson(`["${long}"]`, 'x')).toEqual(['x"'.repeat(3_000_000)]);
    expect(() => readPythonJson(`["${long}`, 'x')).toThrow('no JSON');
  });

  it('sorts keys by code points, as what is hashed needs', () => {
    const value = readPythonJson('{"\\uffff":1,"😀":2,"a":{"c":1,"b":2},"":3}', 'x');
    expect(pythonJson(value, { sortKeys: true })).toBe(
      '{"": 3, "a": {"b": 2, "c": 1}, "\\uffff": 1, "\\ud83d\\ude00": 2}',
    );
  });

  it('writes plain values too', () => {
    const plain: JsonValue | object = [{ name: 'Iris', version: 1 }];
    expect(pythonJson(plain)).toBe('[{"name": "Iris", "version": 1}]');
  });
});
