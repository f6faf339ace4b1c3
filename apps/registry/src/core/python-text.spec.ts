import { describe, expect, it } from 'vitest';
import { cut, isLonger, lengthOf, normalPath, pythonFloat, pythonJson, pythonRepr, pythonType } from './python-text.js';

describe('texts as Python spells them', () => {
  it.each([
    ['a', "'a'"],
    ["it's", `"it's"`],
    [`'"`, `'\\'"'`],
    ['a\n\\\u0001', "'a\\n\\\\\\x01'"],
    ['é😀', "'é😀'"],
    ['\ud800', "'\\ud800'"],
  ])('repr of %j', (text, repr) => {
    expect(pythonRepr(text)).toBe(repr);
  });

  it.each([
    [{ b: 1, a: ['é', 1.5, null] }, '{"a":["\\u00e9",1.5,null],"b":1}'],
    ['a#b', '"a#b"'],
    [12345678901234567890n, '12345678901234567890'],
    [NaN, 'NaN'],
  ])('JSON of %o', (value, json) => {
    expect(pythonJson(value)).toBe(json);
  });

  it('counts and cuts characters, not UTF-16 units', () => {
    expect([lengthOf('a😀b'), isLonger('😀'.repeat(3), 3), isLonger('😀'.repeat(4), 3)]).toEqual([3, false, true]);
    expect([cut('😀'.repeat(9), 2), cut('abc', 2), cut('ab', 2)]).toEqual(['😀😀', 'ab', 'ab']);
  });

  it.each([
    ['../p', '../p'],
    ['/a', '/a'],
    ['//a', '//a'],
    ['///a', '/a'],
    ['a//b', 'a/b'],
    ['a/../b', 'b'],
    ['a/../../b', '../b'],
    ['/..', '/'],
    ['.', '.'],
    ['a/', 'a'],
    ['', '.'],
  ])('normal path of %s', (path, normal) => {
    expect(normalPath(path)).toBe(normal);
  });

  it('names types and floats', () => {
    expect([1, 1.5, 2n, 'a', true, [], {}].map(pythonType)).toEqual([
      'int',
      'float',
      'int',
      'str',
      'bool',
      'list',
      'dict',
    ]);
    expect([1, 1.5, -0.25, NaN, Infinity, 1e300].map(pythonFloat)).toEqual([
      '1.0',
      '1.5',
      '-0.25',
      'nan',
      'inf',
      '1e+300',
    ]);
  });
});
