import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { SilentLogger } from '#runtime';
import { DiskCrashMarks } from './disk-crash-marks.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-marks-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const started = () => new DiskCrashMarks(folder, new SilentLogger());
const promoted = (sha256: string, generation: number, model = 'iris') =>
  ({ model, version: generation, generation, artifact: { sha256 } }) as ModelPromoted;

it('a load that ended leaves nothing', async () => {
  const marks = started();
  await marks.begin(promoted('a', 1));
  expect(await readdir(join(folder, 'loading'))).toEqual(['a']);
  await marks.end(promoted('a', 1));
  expect(await started().of('a')).toBeUndefined();
});

it('one that did not end counts once, however often the process starts afterwards', async () => {
  await started().begin(promoted('a', 3));
  const mark = { model: 'iris', generation: 3, crashes: 1 };
  expect(await started().of('a')).toMatchObject(mark);
  expect(await started().of('a')).toMatchObject(mark);
  await started().begin(promoted('a', 4));
  expect(await started().of('a')).toMatchObject({ crashes: 2, generation: 4 });
});

it('is forgotten when it was loaded after all, or when a newer promotion of the model was', async () => {
  for (const sha256 of ['a', 'b']) await started().begin(promoted(sha256, 3));
  await started().begin(promoted('c', 3, 'wine'));
  const marks = started();
  await marks.begin(promoted('a', 4));
  await marks.end(promoted('a', 4));
  expect(await started().of('a')).toBeUndefined();
  expect(await started().of('b')).toBeUndefined();
  expect(await started().of('c')).toMatchObject({ crashes: 1 });
});

it('does not stand in the way of a load when the disk can not be read or written', async () => {
  await writeFile(join(folder, 'loading'), 'a file where a folder should be');
  const marks = started();
  await marks.begin(promoted('a', 1));
  expect(await marks.of('a')).toBeUndefined();
  await marks.end(promoted('a', 1));
});
