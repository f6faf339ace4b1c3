import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { SilentLogger } from '#runtime';
import { DiskLastGoodCopies } from './disk-last-good-copies.js';

let folder: string;
let copies: DiskLastGoodCopies;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-copies-'));
  copies = new DiskLastGoodCopies(join(folder, 'not', 'made', 'yet'), new SilentLogger());
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
const served = async (promoted: ModelPromoted, text: string): Promise<void> => {
  await copies.keep(promoted, bytesOf(text));
  await copies.remember(promoted);
};
const blobs = () => readdir(join(folder, 'not', 'made', 'yet', 'blobs'));

it('gives back what served last, also to the next process', async () => {
  expect(await copies.all()).toEqual([]);
  const first = promotion('..a name of any kind ü*', 'one');
  await served(first, 'one');
  const next = new DiskLastGoodCopies(join(folder, 'not', 'made', 'yet'), new SilentLogger());
  expect(await next.all()).toEqual([first]);
  expect(await next.bytes(first.artifact.sha256)).toEqual(bytesOf('one'));
  expect(await next.bytes('0'.repeat(64))).toBeUndefined();
});

it('keeps bytes that are being tried beside those that serve, and removes both when no model needs them', async () => {
  const [one, two, other] = [promotion('m', 'one'), promotion('m', 'two', 2), promotion('n', 'one')];
  await served(one, 'one');
  await copies.keep(two, bytesOf('two'));
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

it('does not believe damaged bytes and removes them', async () => {
  const one = promotion('m', 'one');
  await served(one, 'one');
  await writeFile(join(folder, 'not', 'made', 'yet', 'blobs', one.artifact.sha256), 'on');
  expect(await copies.bytes(one.artifact.sha256)).toBeUndefined();
  expect(await blobs()).toEqual([]);
});

it('passes over what it can not read, and sweeps up what a crash left half written', async () => {
  await served(promotion('m', 'one'), 'one');
  const models = join(folder, 'not', 'made', 'yet', 'models');
  await writeFile(join(models, 'broken.json'), '{"model":');
  await writeFile(join(models, 'half.json.1234.tmp'), '{');
  expect((await copies.all()).map(({ model }) => model)).toEqual(['m']);
  await copies.remember(promotion('m', 'one', 2));
  expect((await readdir(models)).filter((file) => file.endsWith('.tmp'))).toEqual([]);
});

it('does one thing after the other: a late "forget" wins', async () => {
  const one = promotion('m', 'one');
  await copies.keep(one, bytesOf('one'));
  await Promise.all([copies.remember(one), copies.forget('m')]);
  expect(await copies.all()).toEqual([]);
});
