import { describe, expect, it } from 'vitest';
import { fitsHalf, halfOf, numberOfHalf } from './half-floats.js';

it('every half float survives being a number', () => {
  for (let bits = 0; bits < 0x10000; bits += 1) {
    const number = numberOfHalf(bits);
    if (!Number.isNaN(number) && halfOf(number) !== bits)
      expect([bits, number, halfOf(number)]).toEqual([bits, number, bits]);
  }
});

describe('a number becomes the nearest one', () => {
  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [0, 0],
    [-0, 0x8000],
    [0.1, 0x2e66],
    [65_504, 0x7bff],
    [65_519.9, 0x7bff],
    [65_520, 0x7c00],
    [-Infinity, 0xfc00],
    [NaN, 0x7e00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -25 * 1.01, 1],
    [1 + 1 / 2048, 0x3c00],
    [1 + 3 / 2048, 0x3c02],
    [2 - 2 ** -12, 0x4000],
    [2 ** -14 - 2 ** -26, 0x0400],
  ])('%d is 0x%s', (number, bits) => {
    expect(halfOf(number).toString(16)).toBe(bits.toString(16));
  });
});

it.each([
  [65_519.9, true],
  [-65_519.9, true],
  [65_520, false],
  [-65_520, false],
  [Infinity, true],
  [NaN, true],
])('%d fits: %s', (number, fits) => {
  expect(fitsHalf(number)).toBe(fits);
});
