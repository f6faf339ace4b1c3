import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { ManualClock, SilentLogger } from '#runtime';
import { DiskCrashMarks } from './disk-crash-marks.js';

let folder: string;
const listeners = process.listeners('exit');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-marks-'));
});
afterEach(async () => {
  for (const one of process.listeners('exit')) if (!listeners.includes(one)) process.off('exit', one);
  await rm(folder, { recursive: true, force: true });
});

const clock = new ManualClock();
const started = () => new DiskCrashMarks(folder, clock, new SilentLogger());
const promoted = (sha256: string, generation: number, model = 'iris') =>
  ({ model, version: generation, generation, artifact: { sha256 } }) as ModelPromoted;
/** What Node does when a process ends by its own will. */
const exit = () => {
  for (const one of process.listeners('exit')) if (!listeners.includes(one)) one(1);
};

it('a load that ended leaves nothing', async () => {
  const marks = started();
  await marks.begin(promoted('a', 1));
  expect(await readdir(join(folder, 'loading'))).toEqual(['a']);
  await marks.end(promoted('a', 1));
  expect(await started().of('a')).toBeUndefined();
  expect(process.listeners('exit')).toEqual(listeners);
});

it('one that did not end counts once, however often the process starts afterwards', async () => {
  await started().begin(promoted('a', 3));
  const mark = { promotions: { iris: 3 }, crashes: 1, alone: true, foundAtMs: clock.now() };
  expect(await started().of('a')).toMatchObject(mark);
  clock.advance(60_000);
  expect(await started().of('a')).toMatchObject(mark);
  await started().begin(promoted('a', 4));
  expect(await started().of('a')).toMatchObject({ promotions: { iris: 4 }, crashes: 2, foundAtMs: clock.now() });
});

it('says whether others were being loaded at the same time', async () => {
  const first = started();
  await first.begin(promoted('a', 1));
  await first.begin(promoted('b', 1, 'wine'));
  const second = started();
  expect(await second.of('a')).toMatchObject({ crashes: 1, alone: false });
  expect(await second.of('b')).toMatchObject({ crashes: 1, alone: false });
  await second.begin(promoted('b', 1, 'wine'));
  const third = started();
  expect(await third.of('a')).toMatchObject({ crashes: 1, alone: false });
  expect(await third.of('b')).toMatchObject({ crashes: 2, alone: true });
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

it('stands until the last model of the same bytes is loaded, and is that of each of them', async () => {
  const first = started();
  await first.begin(promoted('a', 3));
  await first.begin(promoted('a', 7, 'wine'));
  await first.end(promoted('a', 3));
  const second = started();
  expect(await second.of('a')).toMatchObject({ crashes: 1, promotions: { iris: 3, wine: 7 } });
  await second.begin(promoted('b', 8, 'wine'));
  await second.end(promoted('b', 8, 'wine'));
  expect(await started().of('a')).toMatchObject({ crashes: 1, promotions: { iris: 3 } });
  for (const model of ['iris', 'wine']) await second.begin(promoted('a', 9, model));
  for (const model of ['iris', 'wine']) await second.end(promoted('a', 9, model));
  expect(await readdir(join(folder, 'loading'))).toEqual([]);
});

it('suspects nobody of the end of a process that ends by its own will', async () => {
  await started().begin(promoted('a', 1));
  const marks = started();
  await marks.begin(promoted('a', 1));
  await marks.begin(promoted('b', 1, 'wine'));
  exit();
  expect(await started().of('a')).toMatchObject({ crashes: 1 });
  expect(await started().of('b')).toBeUndefined();
});

it('does not stand in the way of a load when the disk can not be read or written', async () => {
  await writeFile(join(folder, 'loading'), 'a file where a folder should be');
  const marks = started();
  await marks.begin(promoted('a', 1));
  expect(await marks.of('a')).toBeUndefined();
  await marks.end(promoted('a', 1));
});
