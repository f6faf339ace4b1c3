import { existsSync, readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { Figure } from './figure.js';
import { merged, page, short, table, type Report } from './report.js';

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

  it('leaves the verdict empty where nothing was to reach', () => {
    expect(table([{ ...figure, met: undefined }])).toContain('| t | – |');
  });

  it('says that there was no answer, and a floor for the ratio', () => {
    const silent: Figure = { ...figure, theirs: undefined, ratioIsFloor: true, met: false };
    expect(table([silent])).toContain('| > 60 s | – | – | > 5.68 × | t | **no** |');
  });
});

describe('merged', () => {
  const machine = {
    ...{ cpu: 'X', cores: 2, memoryGb: 8, node: 'v24', postgres: '18', fsync: 'on' },
    ...{ mlflow: '3', date: '2026-01-01' },
  };
  const kept: Report = {
    machine,
    loads: { tracking: 1, search: 1 },
    figures: [figure, { ...figure, group: 'search', name: 'old' }],
  };
  const fresh: Report = {
    machine: { ...machine, mlflow: undefined, date: '2026-02-02' },
    loads: { search: 2 },
    figures: [{ ...figure, group: 'search', name: 'new' }],
  };

  it('puts the groups measured in the place of those there were, and keeps the rest with its day', () => {
    const { figures, loads, dates, machine: told } = merged(kept, fresh);
    expect(figures.map(({ group, name }) => `${group} ${name}`)).toEqual(['tracking f', 'search new']);
    expect(loads).toEqual({ tracking: 1, search: 2 });
    expect(dates).toEqual({ tracking: '2026-01-01', search: '2026-02-02' });
    expect(told.mlflow).toBe('3');
    expect(merged(merged(kept, fresh), fresh)).toEqual(merged(kept, fresh));
  });

  it('puts single figures in the place of what they were, by name and opponent', () => {
    const other = { ...figure, group: 'search' as const, name: 'old', against: 'another' };
    const all = { ...kept, figures: [...kept.figures, other] };
    const again = { ...other, ratio: 9 };
    const { figures, loads } = merged(all, { ...fresh, figures: [again, ...fresh.figures] }, true);
    expect(figures).toEqual([...kept.figures, again, ...fresh.figures]);
    expect(loads).toEqual({ tracking: 1, search: 2 });
  });

  it('refuses to mix machines', () => {
    expect(() => merged(kept, { ...fresh, machine: { ...machine, cores: 4 } })).toThrow('2 cores of X, 8 GB');
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
