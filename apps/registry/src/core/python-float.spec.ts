import { describe, expect, it } from 'vitest';
import { readPythonFloat } from './python-float.js';

describe('a number in a text', () => {
  it.each([
    ['1', 1],
    ['-1.5e3', -1500],
    ['1.', 1],
    ['+.5', 0.5],
    ['1_000', 1000],
    ['1_0.2_5e1_0', 10.25e10],
    [' \t\n7\u3000', 7],
    ['1e400', Infinity],
    ['iNf', Infinity],
    ['-Infinity', -Infinity],
    ['+nan', NaN],
    ['0012', 12],
  ])('%j is %d', (text, number) => {
    expect(readPythonFloat(text)).toBe(number);
  });

  it.each(
    [
      [
        '',
        ' ',
        '0x10',
        '0X1',
        '0b1',
        '0o7',
        '1__0',
        '_1',
        '1_',
        '1_e5',
        '1e_5',
        '1._5',
        '1,5',
        '1 2',
        '--1',
        '+',
        '.',
        'e5',
      ],
      ['\ufeff1', '\u001f1', 'infin', 'nan1', '1n', '١x'],
    ].flat(),
  )('%j is none', (text) => {
    expect(readPythonFloat(text)).toBeUndefined();
  });

  it('is looked for in texts of any length', () => {
    expect(readPythonFloat(`${' '.repeat(10_000_000)}1${' '.repeat(10_000_000)}`)).toBe(1);
    expect(readPythonFloat(`${' '.repeat(10_000_000)}x`)).toBeUndefined();
    expect(readPythonFloat('1'.repeat(10_000_000))).toBe(Infinity);
    expect(readPythonFloat('1_'.repeat(5_000_000))).toBeUndefined();
  });
});
