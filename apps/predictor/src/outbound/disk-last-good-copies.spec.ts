import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { SilentLogger } from '#runtime';
import { DiskLastGoodCopies } from './disk-last-good-copies.js';
import { DiskModelFiles } from './disk-model-files.js';

let root: string;
let folder: string;
let files: DiskModelFiles;
let copies: DiskLastGoodCopies;
let pinned: DiskLastGoodCopies;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-copies-'));
  folder = join(root, 'not', 'made', 'yet');
  start();
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** As a new process finds the folder. */
const start = (): void => {
  const logger = new SilentLogger();
  files = new DiskModelFiles(folder, logger);
  copies = new DiskLastGoodCopies(files, logger, { folder: join(folder, 'models'), keyOf: ({ model }) => model });
  pinned = new DiskLastGoodCopies(files, logger, {
    folder: join(folder, 'pinned'),
    keyOf: ({ model, version }) => `${model}/${String(version)}`,
  });
};
const bytesOf = (text: string) => new TextEncoder().encode(text);
const promotion = (model: string, text: string, generation = 1): ModelPromoted => ({
  model,
  version: generation,
  generation,
  runId: null,
  stage: 'Production',
  modelUri: `models:/${model}/1`,
  artifact: {
    key: 'sha256/x',
    sha256: createHash('sha256').update(text).digest('hex'),
    sizeBytes: text.length,
  },
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }],
  },
  previousVersion: null,
  cause: 'policy',
  promotedBy: 'test',
  reason: '',
  promotedAt: '2026-01-01T00:00:00.000Z',
  firstPromotedAt: '2026-01-01T00:00:00.000Z',
});
const fetched = async ({ artifact }: ModelPromoted, text: string, owner: string): Promise<void> => {
  files.want(owner, artifact);
  const file = await files.resume(artifact);
  await file.append(bytesOf(text));
  await file.complete();
};
const served = async (promoted: ModelPromoted, text: string): Promise<void> => {
  await fetched(promoted, text, promoted.model);
  await copies.remember(promoted);
};
const blobs = () => readdir(join(folder, 'blobs'));

it('gives back what served last, also to the next process', async () => {
  expect(await copies.all()).toEqual([]);
  const first = promotion('..a name of any kind ü*', 'one');
  await served(first, 'one');
  start();
  expect(await copies.all()).toEqual([first]);
  expect(await files.read(first.artifact)).toEqual(bytesOf('one'));
  expect(await files.read({ ...first.artifact, sha256: '0'.repeat(64) })).toBeUndefined();
});

it('keeps bytes that are being tried beside those that serve, and removes both when no model needs them', async () => {
  const [one, two, other] = [promotion('m', 'one'), promotion('m', 'two', 2), promotion('n', 'one')];
  await served(one, 'one');
  await fetched(two, 'two', 'm');
  await served(other, 'one');
  expect(await blobs()).toHaveLength(2);
  await copies.remember(two);
  expect((await blobs()).sort()).toEqual([one.artifact.sha256, two.artifact.sha256].sort());
  await copies.forget('n');
  expect(await blobs()).toEqual([two.artifact.sha256]);
  await copies.forget('m');
  expect(await blobs()).toEqual([]);
  expect(await copies.all()).toEqual([]);
});

it('keeps what a pinned version needs, whichever record is written first after a start', async () => {
  const [one, two] = [promotion('m', 'one'), promotion('m', 'two', 2)];
  await fetched(one, 'one', 'm/1');
  await pinned.remember(one);
  await served(two, 'two');
  start();
  await copies.remember(two);
  expect(await blobs()).toHaveLength(2);
  await pinned.forget('m/1');
  expect(await blobs()).toEqual([two.artifact.sha256]);
});

it('keeps the beginning of a download for as long as it is wanted', async () => {
  const [one, two] = [promotion('m', 'one'), promotion('m', 'two', 2)];
  files.want('m', two.artifact);
  const begun = await files.resume(two.artifact);
  await begun.append(bytesOf('tw'));
  await begun.cut();
  await copies.remember(promotion('other', 'x'));
  expect(await readdir(join(folder, 'partial'))).toEqual([two.artifact.sha256]);
  await served(one, 'one');
  expect(await readdir(join(folder, 'partial'))).toEqual([]);
});

it('does not believe damaged bytes and removes them', async () => {
  const one = promotion('m', 'one');
  for (const damaged of ['on', 'eno']) {
    await served(one, 'one');
    await writeFile(join(folder, 'blobs', one.artifact.sha256), damaged);
    expect(await files.read(one.artifact)).toBeUndefined();
    expect(await blobs()).toEqual([]);
  }
});

it('passes over what it can not read, and sweeps up what a crash left half written', async () => {
  await served(promotion('m', 'one'), 'one');
  const models = join(folder, 'models');
  await writeFile(join(models, 'broken.json'), '{"model":');
  await writeFile(join(models, 'half.json.1234.tmp'), '{');
  start();
  expect((await copies.all()).map(({ model }) => model)).toEqual(['m']);
  expect((await readdir(models)).filter((file) => file.endsWith('.tmp'))).toEqual([]);
});

it('does one thing after the other: a late "forget" wins', async () => {
  const one = promotion('m', 'one');
  await fetched(one, 'one', 'm');
  await Promise.all([copies.remember(one), copies.forget('m')]);
  expect(await copies.all()).toEqual([]);
});
