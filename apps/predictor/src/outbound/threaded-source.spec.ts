import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobKey } from '#artifacts';
import { artifactStoreFrom } from '#artifacts/settings';
import type { ModelArtifact } from '#contracts';
import { readSettings, type Settings } from '#runtime';
import { ThreadedSource } from './threaded-source.js';

let folder: string;
let settings: Settings;
let source: ThreadedSource;
const never = new AbortController().signal;
const [store, cache] = [() => join(folder, 'store'), () => join(folder, 'cache')];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-source-'));
  settings = readSettings({ ARTIFACTS_DIR: store(), PREDICTOR_CACHE_DIR: cache(), LOG_LEVEL: 'error' });
  source = new ThreadedSource(settings);
  await source.onModuleInit();
});
afterEach(async () => {
  await source.close();
  await rm(folder, { recursive: true, force: true });
});

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const stored = async (bytes: Uint8Array): Promise<ModelArtifact> => {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await artifactStoreFrom(settings).put(blobKey(sha256), bytes);
  return { key: blobKey(sha256), sha256, sizeBytes: bytes.length };
};

describe('a source on a thread of its own', () => {
  it('brings a model from the store, keeps it, and reads it from the disk afterwards', async () => {
    const bytes = randomBytes(3_000_000);
    const artifact = await stored(bytes);
    expect(await source.read(artifact)).toBeUndefined();
    const { bytes: brought, kept } = await source.download(artifact, never);
    expect(bytes.equals(brought)).toBe(true);
    await kept;
    await rm(store(), { recursive: true });
    expect(bytes.equals((await source.read(artifact)) ?? new Uint8Array())).toBe(true);
  });

  it('brings several at a time, each to whom it belongs', async () => {
    const files = Array.from({ length: 5 }, (_, at) => randomBytes(400_000 + at));
    const artifacts = await Promise.all(files.map((file) => stored(file)));
    const brought = await Promise.all(artifacts.map((artifact) => source.download(artifact, never)));
    expect(brought.map(({ bytes }, at) => files[at].equals(bytes))).toEqual(files.map(() => true));
  });

  it('says at which step it failed, and why', async () => {
    const artifact = await stored(randomBytes(1_000));
    const other = await stored(randomBytes(1_000));
    const wrong = source.download({ ...artifact, sha256: other.sha256 }, never);
    await expect(wrong).rejects.toMatchObject({ step: 'verify', reason: matching(/^DIGEST_MISMATCH/) });
    const missing = source.download({ ...artifact, key: blobKey('0'.repeat(64)) }, never);
    await expect(missing).rejects.toMatchObject({
      step: 'fetch',
      reason: matching(/^ARTIFACT_NOT_FOUND: /),
      cause: matching(/^PlatformError: ARTIFACT_NOT_FOUND.*\n +at /),
    });
  });

  it('holds no process up when there is nothing to do', async () => {
    const artifact = await stored(randomBytes(1_000));
    const holding = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
    const atRest = holding();
    const asked = source.download(artifact, never);
    expect(holding()).toBe(atRest + 1);
    await (
      await asked
    ).kept;
    expect(holding()).toBe(atRest);
    await expect(source.download({ ...artifact, key: blobKey('0'.repeat(64)) }, never)).rejects.toThrow();
    expect(holding()).toBe(atRest);
  });

  it('leaves off what nobody waits for any more, and goes on from there later', async () => {
    const bytes = randomBytes(60_000_000);
    const artifact = await stored(bytes);
    const abort = new AbortController();
    const cut = source.download(artifact, abort.signal);
    abort.abort();
    await expect(cut).rejects.toMatchObject({ step: 'fetch', reason: matching(/newer promotion/) });
    // Some other beginning would not end in the right digest.
    const part = join(cache(), 'partial', artifact.sha256);
    await mkdir(dirname(part), { recursive: true });
    await writeFile(part, bytes.subarray(0, 50_000_000));
    await writeFile(join(store(), artifact.key), Buffer.concat([randomBytes(1_000_000), bytes.subarray(1_000_000)]));
    const { bytes: whole, kept } = await source.download(artifact, never);
    await kept;
    expect(bytes.equals(whole)).toBe(true);
    expect(bytes.equals(await readFile(join(cache(), 'blobs', artifact.sha256)))).toBe(true);
    expect(await readdir(join(cache(), 'partial'))).toEqual([]);
  });

  it('fails what was asked of a thread that ends, and starts another for what comes', async () => {
    const artifact = await stored(randomBytes(50_000_000));
    const cut = source.download(artifact, never);
    await source.close();
    await expect(cut).rejects.toMatchObject({ step: 'fetch', reason: matching(/thread .* ended/) });
    const { bytes } = await source.download(artifact, never);
    expect(bytes.length).toBe(50_000_000);
  });

  it('fails the step when no thread can be started, and starts one when that is possible again', async () => {
    const artifact = await stored(randomBytes(1_000));
    await source.close();
    const odd = { ...settings, LOG_LEVEL: (() => 'nothing that a thread could be started with') as never };
    source = new ThreadedSource(odd);
    const refused = { step: 'fetch', reason: matching(/could not start/) };
    await expect(source.download(artifact, never)).rejects.toMatchObject(refused);
    await expect(source.read(artifact)).rejects.toMatchObject(refused);
    odd.LOG_LEVEL = settings.LOG_LEVEL as never;
    expect(await source.download(artifact, never)).toMatchObject({ bytes: { length: 1_000 } });
  });
});
