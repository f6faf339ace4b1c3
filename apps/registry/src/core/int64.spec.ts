import { describe, expect, it } from 'vitest';
import { int64Of, readInt64 } from './int64.js';

describe('a 64-bit integer', () => {
  it.each<[unknown, unknown]>([
    [5, 5],
    ['5', 5],
    [' 7 ', 7],
    ['+7', 7],
    ['5.0', 5],
    ['1e3', 1000],
    [-9007199254740993n, -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', undefined],
    [2 ** 60, 2n ** 60n],
    [1e30, undefined],
    [1.5, undefined],
    ['1.5', undefined],
    ['x', undefined],
    ['', undefined],
    ['0x10', undefined],
    [true, undefined],
    [[1], undefined],
    ['9'.repeat(1_000_000), undefined],
  ])('reads %s', (given, read) => {
    expect(readInt64(given)).toBe(read);
  });

  it('loses no digit of what the database says', () => {
    expect([int64Of('9007199254740993'), int64Of('9007199254740991')]).toEqual([9007199254740993n, 9007199254740991]);
  });
});
