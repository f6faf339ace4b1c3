import { expect, it } from 'vitest';
import { Distribution } from './distribution.js';

it('counts what is not above each bound, and all of it', () => {
  const distribution = new Distribution([1, 2, 5]);
  for (const value of [0.5, 1, 1.5, 5, 7]) distribution.add(value);
  expect(distribution.cumulated()).toEqual([2, 3, 4]);
  expect([distribution.count, distribution.sum]).toEqual([5, 15]);
});
