import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDecimal } from './decimal.js';

const read = (text: string): number => {
  const bytes = new TextEncoder().encode(`<${text}>`);
  return readDecimal(bytes, 1, bytes.length - 1);
};

describe('readDecimal', () => {
  it.each(['0', '-0', '1', '+1.5', '.5', '7.', '1e3', '1E-3', '1.5e+10', '123456789012345678901234567890', '1e308', '5e-324', '0.1', '9007199254740993', '3.4028235677973366e38', '1e-400', '00012.500', '2.2250738585072011e-308'])(
    '%s',
    (text) => {
      expect(read(text)).toBe(Number(text));
    },
  ); // prettier-ignore

  it('is infinite beyond the range of a double', () => {
    expect(read('1e999')).toBe(Infinity);
    expect(read('-1e99999999999999')).toBe(-Infinity);
  });

  it.each(['', '.', '-', '+', 'e5', '1e', '1e+', '1.2.3', '1,5', '0x10', 'Infinity', 'NaN', '1 2', '--1', '1_000', '٣'])(
    'is NaN for "%s"',
    (text) => {
      expect(read(text)).toBeNaN();
    },
  ); // prettier-ignore

  it('rounds as Number does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(String(value))).toBe(Number(String(value)));
        expect(read(value.toPrecision(7))).toBe(Number(value.toPrecision(7)));
      }),
      { numRuns: 20_000 },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{1,25}(\.\d{0,25})?(e[+-]?\d{1,3})?$/), (text) => {
        expect(read(text)).toBe(Number(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it('reads a megabyte of digits', () => {
    expect(read('1'.repeat(300))).toBe(Number('1'.repeat(300)));
    expect(read('1'.repeat(1_000_000))).toBe(Infinity);
  });
});
