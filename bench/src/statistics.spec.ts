import { describe, expect, it } from 'vitest';
import { median, pairedRatio, quantile, summarise } from './statistics.js';

describe('quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('%d of 1 to 100 in any order is %d', (q, value) => {
    expect(quantile(hundred, q)).toBe(value);
  });

  it('is a value that was measured', () => {
    expect(quantile([1, 1000], 0.5)).toBe(1);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('refuses to speak of nothing', () => {
    expect(() => quantile([], 0.5)).toThrow('Nothing was measured');
  });
});

it('median: the middle one, or half way between the two, by number and not by text', () => {
  expect(median([9, 100, 10])).toBe(10);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it('summarise pools the times and takes the median of the rates', () => {
  const round = (latencyMs: number, count: number, seconds: number) => ({
    latenciesMs: Array.from({ length: count }, () => latencyMs),
    seconds,
  });
  expect(summarise([round(2, 60, 1), round(4, 30, 1), round(100, 1, 1)])).toEqual({
    count: 91,
    p50Ms: 2,
    p99Ms: 100,
    perSecond: 30,
  });
});

describe('pairedRatio', () => {
  it('compares neighbours: noise that struck both at once does not show', () => {
    expect(pairedRatio([100, 10, 200], [10, 1, 20])).toBe(10);
  });

  it('wants pairs', () => {
    expect(() => pairedRatio([1], [])).toThrow('neighbour');
  });
});
