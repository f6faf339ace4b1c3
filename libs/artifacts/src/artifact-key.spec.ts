import { describe, expect, it } from 'vitest';
import { blobKey, checkedKey } from './artifact-key.js';

describe('checkedKey', () => {
  it.each(['a', 'a/b.txt', '1/ab12/artifacts/model/MLmodel', 'ä b/+%2e%2e/c', '..a/b..', '.hidden', 'ab:c'])(
    'takes %j as it is',
    (key) => {
      expect(checkedKey(key)).toBe(key);
    },
  );

  it.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x',
    'a/../b',
    'a/..',
    './a',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    '..\\..\\x',
    'C:/x',
    'c:x',
    'a\u0000b',
    'a\nb',
    'a#b',
    '\ud800',
    'x'.repeat(256),
    `${'x'.repeat(200)}/`.repeat(5) + 'x',
  ])('refuses %j', (key) => {
    expect(() => checkedKey(key)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error);
  });
});

describe('blobKey', () => {
  it('is the digest below sha256/', () => {
    expect(blobKey('0f'.repeat(32))).toBe(`sha256/${'0f'.repeat(32)}`);
  });
  it.each(['', 'abc', '../x', 'G'.repeat(64), '0F'.repeat(32)])('refuses %j', (text) => {
    expect(() => blobKey(text)).toThrow('SHA-256');
  });
});
