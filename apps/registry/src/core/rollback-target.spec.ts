import { describe, expect, it } from 'vitest';
import { rollbackTarget } from './rollback-target.js';

/** `2` is a promotion, `r1` a rollback to 1, `x` a retirement. */
const history = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      if (word === 'x') return { version: null, cause: 'retired' } as const;
      return word.startsWith('r')
        ? ({ version: Number(word.slice(1)), cause: 'rollback' } as const)
        : ({ version: Number(word), cause: 'request' } as const);
    });

const table: [string, number | undefined, number[]?][] = [
  ['', undefined],
  ['1', undefined],
  ['1 2', 1],
  ['1 1', undefined],
  ['1 2 2', 1],
  ['1 2 3', 2],
  ['1 2 3 r2', 1],
  ['1 2 3 r2 r1', undefined],
  ['1 2 r1 3', 1],
  ['1 2 1', 2],
  ['2 1', 2],
  ['1 2 3 r1', undefined],
  ['1 2 r3', 2],
  ['1 2 x', 2],
  ['1 x 2', 1],
  ['1 2 3', 1, [2]],
  ['1 2', undefined, [1]],
];

describe('the version to roll back to', () => {
  it.each(table)('after "%s" is %s', (text, target, deleted = []) => {
    expect(rollbackTarget(history(text), (version) => !deleted.includes(version))).toBe(target);
  });
});
