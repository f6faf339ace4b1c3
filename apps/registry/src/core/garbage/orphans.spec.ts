import { expect, it } from 'vitest';
import type { InventoryEntry } from '#artifacts';
import { orphansOf } from './orphans.js';

const run = '0123456789abcdef0123456789abcdef';
const other = 'f'.repeat(32);
const entries = async function* (keys: string[]): AsyncGenerator<InventoryEntry> {
  await Promise.resolve();
  for (const [i, key] of keys.entries()) yield { key: `a/${key}`, sizeBytes: 10, modifiedMs: i };
};
const orphans = (keys: string[], live: string[]) =>
  orphansOf(entries(keys), () => Promise.resolve(new Set(live.map((key) => `a/${key}`))));

it('finds files of runs and logged models that are no more, and says how much they are', async () => {
  const keys = [
    `1/${run}/artifacts/x`,
    `1/${run}/artifacts/y/z`,
    `1/${other}/artifacts/x`,
    `1/models/m-${run}/artifacts/MLmodel`,
    `team/place/${run}/artifacts/x`,
  ];
  expect(await orphans(keys, [`1/${other}/artifacts`])).toEqual([
    { key: `a/1/${run}/artifacts`, sizeBytes: 20, modifiedMs: 1 },
    { key: `a/1/models/m-${run}/artifacts`, sizeBytes: 10, modifiedMs: 3 },
    { key: `a/team/place/${run}/artifacts`, sizeBytes: 10, modifiedMs: 4 },
  ]);
});

it('leaves what belongs to something, is of another shape, or holds what belongs to something', async () => {
  const keys = [
    `1/${run}/artifacts/model/MLmodel`,
    'own/notes.txt',
    `own/${run}/notes`,
    'readme',
    `2/${run}/artifacts/x`,
  ];
  const live = [`1/${run}/artifacts/model`, `2/${run}/artifacts/deep/er`];
  expect(await orphans(keys, live)).toEqual([]);
});

it('names the experiment of files that no run had', async () => {
  expect(await orphans(['7/traces/t/x', '7/y', '70/y'], ['70/y'])).toEqual([
    { key: 'a/7', experimentId: '7', sizeBytes: 20, modifiedMs: 1 },
  ]);
});
