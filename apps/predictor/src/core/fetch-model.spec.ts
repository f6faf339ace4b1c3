import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobKey, type ByteRange } from '#artifacts';
import { InMemoryArtifactStore } from '#artifacts/memory';
import type { ModelArtifact } from '#contracts';
import { SilentLogger } from '#runtime';
import { eventually } from '#testing';
import { DiskModelFiles } from '../outbound/disk-model-files.js';
import { DownloadModel } from './download-model.js';
import { FetchModel } from './fetch-model.js';

/** Notes what is asked of it, cuts a transfer where the test says, and may know no ranges. */
class TroubledStore extends InMemoryArtifactStore {
  readonly asked: (number | 'all')[] = [];
  cutAfter: number | undefined;
  /** Ends a cut transfer as if it were whole, instead of with an error. */
  cutSilently = false;
  knowsRanges = true;
  open = 0;
  mostOpen = 0;
  /** Transfers wait here until the test lets them go. */
  gate: Promise<unknown> = Promise.resolve();
  readonly bodies: Readable[] = [];

  override async get(key: string, range?: ByteRange): Promise<{ body: Readable; sizeBytes: number }> {
    this.asked.push(range?.start ?? 'all');
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    await this.gate;
    const { body, sizeBytes } = await super.get(key, this.knowsRanges ? range : undefined);
    const cut = Readable.from(this.pieces(body));
    this.bodies.push(cut);
    return { body: cut, sizeBytes };
  }

  private async *pieces(body: Readable): AsyncGenerator<Buffer> {
    const whole = Buffer.concat(await body.toArray());
    const [end, silently] = [this.cutAfter ?? whole.length, this.cutSilently];
    [this.cutAfter, this.cutSilently] = [undefined, false];
    try {
      for (let at = 0; at < end; at += 1000) yield whole.subarray(at, Math.min(at + 1000, end));
      if (end < whole.length && !silently) throw new Error('socket hang up');
    } finally {
      this.open -= 1;
    }
  }
}

let folder: string;
let store: TroubledStore;
let fetch: FetchModel;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-fetch-'));
  store = new TroubledStore();
  fetch = fetching(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fetching = (where: string, downloads = 2): FetchModel => {
  const logger = new SilentLogger();
  const files = new DiskModelFiles(where, logger);
  return new FetchModel(new DownloadModel(store, files, logger), files, logger, { predictorId: 'p1', downloads });
};
const stored = async (bytes: Uint8Array): Promise<ModelArtifact> => {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.put(blobKey(sha256), bytes);
  return { key: blobKey(sha256), sha256, sizeBytes: bytes.length };
};
const wanted = (owner = 'iris', signal = new AbortController().signal) => ({ owner, urgent: true, signal });
const partial = ({ sha256 }: ModelArtifact) => join(folder, 'partial', sha256);

describe('fetching a model', () => {
  it('downloads it once; afterwards it comes from the disk', async () => {
    const bytes = randomBytes(5_500);
    const artifact = await stored(bytes);
    const first = await fetch.execute(artifact, wanted());
    expect(Buffer.from(first.bytes).equals(bytes)).toBe(true);
    await first.kept;
    store.away = true;
    expect(Buffer.from((await fetch.execute(artifact, wanted())).bytes).equals(bytes)).toBe(true);
    expect(store.asked).toEqual(['all']);
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
  });

  it.each([false, true])('goes on after a cut where it stopped (cut silently: %s)', async (silently) => {
    const bytes = randomBytes(5_500);
    const artifact = await stored(bytes);
    [store.cutAfter, store.cutSilently] = [3_000, silently];
    await expect(fetch.execute(artifact, wanted())).rejects.toMatchObject({ step: 'fetch' });
    // Another process, after a restart.
    const { bytes: got, kept } = await fetching(folder).execute(artifact, wanted());
    expect(Buffer.from(got).equals(bytes)).toBe(true);
    await kept;
    expect(store.asked).toEqual(['all', 3_000]);
  });

  it('needs no store when only the last step of a download was missing', async () => {
    const bytes = randomBytes(2_000);
    const artifact = await stored(bytes);
    await mkdir(join(folder, 'partial'));
    await writeFile(partial(artifact), bytes);
    store.away = true;
    const { bytes: got, kept } = await fetch.execute(artifact, wanted());
    expect(Buffer.from(got).equals(bytes)).toBe(true);
    expect(store.asked).toEqual([]);
    await kept;
  });

  it.each([1_000, 5_500, 9_000])('begins anew when the %i bytes on the disk are of something else', async (length) => {
    const bytes = randomBytes(5_500);
    const artifact = await stored(bytes);
    await mkdir(join(folder, 'partial'));
    await writeFile(partial(artifact), randomBytes(length));
    const { bytes: got, kept } = await fetch.execute(artifact, wanted());
    expect(Buffer.from(got).equals(bytes)).toBe(true);
    await kept;
    expect((await readFile(join(folder, 'blobs', artifact.sha256))).equals(bytes)).toBe(true);
  });

  it('copes with a store that knows no ranges', async () => {
    const bytes = randomBytes(5_500);
    const artifact = await stored(bytes);
    store.cutAfter = 3_000;
    await expect(fetch.execute(artifact, wanted())).rejects.toMatchObject({ step: 'fetch' });
    store.knowsRanges = false;
    const { bytes: got, kept } = await fetch.execute(artifact, wanted());
    expect(Buffer.from(got).equals(bytes)).toBe(true);
    await kept;
    expect((await readFile(join(folder, 'blobs', artifact.sha256))).equals(bytes)).toBe(true);
  });

  it.each([4_000, 5_500, 7_000])('refuses %i other bytes in the place of 5,500, and keeps none', async (length) => {
    const artifact = await stored(randomBytes(5_500));
    await store.put(artifact.key, randomBytes(length));
    const refused = { step: 'verify', reason: expect.stringContaining('DIGEST_MISMATCH') as string };
    await expect(fetch.execute(artifact, wanted())).rejects.toMatchObject(refused);
    expect(await readdir(join(folder, 'blobs'))).toEqual([]);
    expect(await readFile(partial(artifact))).toHaveLength(0);
  });

  it('serves from memory when the disk takes nothing', async () => {
    const bytes = randomBytes(5_500);
    const artifact = await stored(bytes);
    await writeFile(join(folder, 'file'), '');
    const { bytes: got, kept } = await fetching(join(folder, 'file')).execute(artifact, wanted());
    expect(Buffer.from(got).equals(bytes)).toBe(true);
    await kept;
  });

  it('downloads the same bytes once for all who need them, each with a copy of its own', async () => {
    const artifact = await stored(randomBytes(5_500));
    const got = await Promise.all(['a', 'b', 'c'].map((owner) => fetch.execute(artifact, wanted(owner))));
    expect(store.asked).toEqual(['all']);
    expect(new Set(got.map(({ bytes }) => bytes.buffer)).size).toBe(3);
    await Promise.all(got.map(({ kept }) => kept));
  });

  it('lets no more transfers run than it may', async () => {
    const artifacts = await Promise.all([1, 2, 3, 4, 5].map(() => stored(randomBytes(3_000))));
    const gate = Promise.withResolvers<undefined>();
    store.gate = gate.promise;
    const all = Promise.all(artifacts.map((artifact, at) => fetch.execute(artifact, wanted(String(at)))));
    await eventually(() => {
      expect(store.asked).toHaveLength(2);
    });
    gate.resolve(undefined);
    await Promise.all((await all).map(({ kept }) => kept));
    expect(store.asked).toHaveLength(5);
    expect(store.mostOpen).toBe(2);
  });

  it('gives the memory of a failed download back', async () => {
    const artifact = await stored(randomBytes(5_500));
    const files = new DiskModelFiles(folder, new SilentLogger());
    const resume = files.resume.bind(files);
    let target: Uint8Array | undefined;
    files.resume = async (of) => {
      const file = await resume(of);
      const arrived = file.arrived.bind(file);
      file.arrived = (bytes) => arrived((target = bytes));
      return file;
    };
    store.cutAfter = 3_000;
    const source = new DownloadModel(store, files, new SilentLogger());
    await expect(source.download(artifact, new AbortController().signal)).rejects.toMatchObject({ step: 'fetch' });
    expect(target?.buffer).toMatchObject({ byteLength: 0, detached: true });
  });

  it('closes what the store opens too late', async () => {
    const artifact = await stored(randomBytes(3_000));
    const [gate, abort] = [Promise.withResolvers<undefined>(), new AbortController()];
    store.gate = gate.promise;
    const attempt = fetch.execute(artifact, wanted('a', abort.signal));
    await eventually(() => {
      expect(store.asked).toHaveLength(1);
    });
    abort.abort();
    await expect(attempt).rejects.toMatchObject({ step: 'fetch' });
    gate.resolve(undefined);
    await eventually(() => {
      expect(store.bodies.map(({ destroyed }) => destroyed)).toEqual([true]);
    });
  });

  it('lets go of a transfer that nobody waits for any more, and of one that waits for its turn', async () => {
    const [running, queued] = [await stored(randomBytes(3_000)), await stored(randomBytes(3_000))];
    fetch = fetching(folder, 1);
    store.gate = new Promise(() => undefined);
    const [first, second] = [new AbortController(), new AbortController()];
    const attempts = [
      fetch.execute(running, wanted('a', first.signal)),
      fetch.execute(queued, wanted('b', second.signal)),
    ];
    await eventually(() => {
      expect(store.asked).toHaveLength(1);
    });
    second.abort();
    await expect(attempts[1]).rejects.toMatchObject({ step: 'fetch' });
    first.abort();
    await expect(attempts[0]).rejects.toMatchObject({ step: 'fetch' });
    store.gate = Promise.resolve();
    const { bytes, kept } = await fetch.execute(queued, wanted('b'));
    expect(bytes).toHaveLength(3_000);
    await kept;
  });
});
