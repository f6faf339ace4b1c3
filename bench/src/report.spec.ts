import { existsSync, readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { Figure } from './figure.js';
import { page, short, table, type Report } from './report.js';

const summary = { count: 10, p50Ms: 1.2345, p99Ms: 12.34, perSecond: 1234.5 };
const figure: Figure = {
  group: 'tracking',
  name: 'f',
  ours: summary,
  theirs: summary,
  ratio: 5.678,
  target: 't',
  met: true,
};

it.each([
  [1.23456, '1.23'],
  [0.00123, '0.00123'],
  [999.4, '999'],
  [123_456.7, '123,457'],
  [5, '5'],
])('%d is written %s', (value, text) => {
  expect(short(value)).toBe(text);
});

describe('table', () => {
  it('has a line for each figure, both sides and the verdict', () => {
    const [, , line] = table([figure]).split('\n');
    expect(line).toBe('| f | 1.23 | 12.3 | 1,235 | – | 1.23 | 12.3 | 1,235 | 5.68 × | t | yes |');
  });

  it('says that there was no answer, and a floor for the ratio', () => {
    const silent: Figure = { ...figure, theirs: undefined, ratioIsFloor: true, met: false };
    expect(table([silent])).toContain('| > 60 s | – | – | > 5.68 × | t | **no** |');
  });
});

it('docs/performance.md is the page of docs/performance.json: otherwise run `npm run bench -- page --out docs`', async () => {
  if (!existsSync('docs/performance.json')) return;
  const report = JSON.parse(readFileSync('docs/performance.json', 'utf8')) as Report;
  const style = await resolveConfig('package.json');
  expect(readFileSync('docs/performance.md', 'utf8')).toBe(
    await format(page(report), { ...style, parser: 'markdown' }),
  );
});
