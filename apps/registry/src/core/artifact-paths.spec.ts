import { describe, expect, it } from 'vitest';
import { artifactPath } from './artifact-paths.js';

describe('artifactPath', () => {
  it.each([
    ['100%.txt', '100%.txt'],
    ['100%25.txt', '100%.txt'],
    ['50%25', '50%'],
    ['a%20b', 'a b'],
    ['a%2520b', 'a b'],
    ['a+b', 'a+b'],
    ['a b', 'a b'],
    ['a..b/..c/d..', 'a..b/..c/d..'],
    ['.hidden/...', '.hidden/...'],
    ['é', 'é'],
    ['e\u0301', 'e\u0301'],
    ['日本語', '日本語'],
    ['q"u\'o', 'q"u\'o'],
    ['a:b', 'a:b'],
    ['c:x', 'c:x'],
    ['x/C:/y', 'x/C:/y'],
    ['a?b;c&d=e', 'a?b;c&d=e'],
    ['a//b/./c/', 'a/b/c'],
    ['', ''],
    ['./', ''],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('takes %j as %j', (given, expected) => {
    expect(artifactPath(given)).toBe(expected);
    expect(artifactPath(expected)).toBe(expected);
  });

  it.each([
    '..',
    '../x',
    'a/..',
    'a/../b',
    '%2e%2e/x',
    '%2E./x',
    'a/%252e%252e/x',
    '%25252e%25252e/x',
    '..%2fx',
    '%252e%252e%252fx',
    '..\\x',
    'a%5cb',
    'a%255cb',
    '/etc/passwd',
    '%2fetc/passwd',
    '//host/x',
    'C:/x',
    'c:',
    'c%3a/x',
    'file:///etc/passwd',
    'FILE:/etc/passwd',
    'file:x',
    'a#b',
    'a%23b',
    'a\u0000b',
    'a%00b',
    'a%2500b',
    'a\nb',
    'a%0d%0ab',
    '\ud800',
    '%ff',
    '%c3%28',
    '%2525252525252525252525252541',
    'x'.repeat(256),
    'é'.repeat(128),
    'x/'.repeat(451),
  ])('refuses %j', (given) => {
    expect(() => artifactPath(given)).toThrow(
      expect.objectContaining({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining('Invalid path') as string,
      }) as Error,
    );
  });
});
