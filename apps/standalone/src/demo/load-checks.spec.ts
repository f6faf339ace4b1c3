import { expect, it } from 'vitest';
import { faultsOf } from './load-checks.js';
import type { LoadReport } from './load.js';

const references = new Map([
  [1, ['[0.5,0.5]', '[0.4,0.6]']],
  [2, ['[0.1,0.9]', '[0.2,0.8]']],
]);
const report = (changed: Partial<LoadReport>): LoadReport => ({
  answers: 4,
  failed: 0,
  failures: [],
  answersOf: new Map(),
  versions: [[1, 2, 1]],
  seen: new Map([[1, new Map([[0, new Set(['[0.5,0.5]'])]])]]),
  ...changed,
});

it('finds nothing when all is as promoted and scored', () => {
  expect(faultsOf(report({}), references, [1, 2, 1])).toEqual([]);
});

it.each([
  ['an older version after a newer', [[2, 1]], [1, 2], 1],
  ['a version that was never promoted', [[1, 3]], [1, 2], 1],
  ['a connection that saw only some', [[1], [2]], [1, 2], 0],
  ['back and forth after one rollback', [[1, 2, 1, 2]], [1, 2, 1], 1],
])('order: %s', (_, versions, promoted, faults) => {
  expect(faultsOf(report({ versions }), references, promoted)).toHaveLength(faults);
});

it('finds an answer that differs in the last bit, and a request that got the answer of the other version', () => {
  const seen = new Map([[1, new Map([[0, new Set(['[0.5,0.5]', '[0.1,0.9]'])]])]]);
  expect(faultsOf(report({ seen }), references, [1, 2, 1])).toEqual([expect.stringContaining('row 0')]);
  const off = new Map([[2, new Map([[1, new Set(['[0.2,0.8000000000000002]'])]])]]);
  expect(faultsOf(report({ seen: off }), references, [1, 2, 1])).toHaveLength(1);
});

it('finds failed requests and versions without a reference', () => {
  expect(faultsOf(report({ failed: 2, failures: ['503'] }), references, [1, 2, 1])[0]).toMatch(
    /2 requests failed.*503/,
  );
  expect(faultsOf(report({ seen: new Map([[7, new Map()]]) }), references, [1, 2, 1])[0]).toMatch(/Version 7/);
});
