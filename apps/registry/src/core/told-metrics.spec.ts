import { expect, it } from 'vitest';
import { areCut, toldMetrics } from './told-metrics.js';

it('an event tells no more metrics than it can hold, and whether there may be others', () => {
  const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`metric of class ${String(at)}`, at]));
  const told = toldMetrics(many);
  expect(Object.keys(told)).toHaveLength(1_000);
  expect(areCut(told)).toBe(true);
  expect(toldMetrics({ b: 1, a: 2 })).toEqual({ a: 2, b: 1 });
  expect(areCut({ b: 1, a: 2 })).toBe(false);
});
