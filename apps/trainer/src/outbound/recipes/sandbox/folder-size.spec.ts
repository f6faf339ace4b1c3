import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderSize } from './folder-size.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'baton-size-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const most = { bytes: 2 ** 30, entries: 1_000 };
const nameless = (...parts: string[]) =>
  Buffer.concat([Buffer.from(`${base}/`), Buffer.from(parts.join('/'), 'latin1')]);

it('what has no name in UTF-8 counts as everything does', async () => {
  await mkdir(nameless('\xff'));
  await writeFile(nameless('\xff', '\xfe'), Buffer.alloc(1_000_000, 1));
  await writeFile(join(base, 'plain'), Buffer.alloc(1_000_000, 1));
  const { bytes, entries } = await folderSize(base, most);
  expect(entries).toBe(3);
  expect(bytes).toBeGreaterThanOrEqual(2_000_000);
});

it('a folder that is gone takes nothing', async () => {
  expect(await folderSize(join(base, 'none'), most)).toEqual({ bytes: 0, entries: 0 });
});
