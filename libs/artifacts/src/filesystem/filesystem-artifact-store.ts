import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { link, mkdir, open, readdir, realpath, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { PlatformError } from '#runtime';
import { checkedKey } from '../artifact-key.js';
import { ArtifactStore, type ArtifactEntry, type ByteRange, type StoredArtifact } from '../artifact-store.js';
import { gathered } from '../gathered.js';
import { MeasuredBody } from '../measured-body.js';
import { codeOf, saidAsStore } from './file-errors.js';

/** Half-written files lie here, in the same tree, so that a rename is atomic. No key begins with it. */
export const STAGING = '.staging';
/** A folder may be pruned by a remove between our mkdir and our rename. */
const PLACE_ATTEMPTS = 5;
/** Chunks of a socket are small; each write of its own would be a turn through the thread pool. */
const WRITE_BYTES = 1024 * 1024;
const READ_BYTES = 512 * 1024;

/**
 * Artifacts in a folder. A file appears whole or not at all (written aside, flushed, renamed), and neither reads nor writes
 * follow a symbolic link: whoever can plant one must not reach what lies outside.
 */
export class FilesystemArtifactStore extends ArtifactStore {
  private root: Promise<string> | undefined;

  /** @param folder made when it is missing */
  constructor(private readonly folder: string) {
    super();
  }

  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, sizeBytes?: number): Promise<StoredArtifact> {
    return this.write(key, new MeasuredBody(body, sizeBytes), rename);
  }

  putNew(key: string, body: Uint8Array): Promise<StoredArtifact> {
    // A hard link fails when the name is taken; a rename would replace what is there.
    return this.write(key, new MeasuredBody(body), async (staged, target) => {
      await link(staged, target);
      await rm(staged);
    });
  }

  receive(key: string, body: Readable, sizeBytes?: number): Promise<{ sizeBytes: number }> {
    return this.write(key, new MeasuredBody(body, sizeBytes, { digest: false }), rename);
  }

  async get(key: string, range?: ByteRange): Promise<{ body: Readable; sizeBytes: number }> {
    const file = await this.openFile(key);
    if (file === undefined) throw new PlatformError('ARTIFACT_NOT_FOUND', `There is no artifact ${key}.`);
    const body = file.handle.createReadStream({ highWaterMark: READ_BYTES, ...range });
    return { body, sizeBytes: range === undefined ? file.sizeBytes : range.end - range.start + 1 };
  }

  async stat(key: string): Promise<{ sizeBytes: number } | undefined> {
    const file = await this.openFile(key);
    await file?.handle.close();
    return file && { sizeBytes: file.sizeBytes };
  }

  async list(folder: string): Promise<ArtifactEntry[]> {
    if (folder !== '') this.checked(folder);
    const path = join(await this.rootPath(), folder);
    const found = await saidAsStore(async () => {
      if (!(await isReal(path))) return [];
      return readdir(path, { withFileTypes: true });
    }, []);
    const entries = await Promise.all(found.map((entry) => this.entryOf(folder, entry)));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async remove(key: string): Promise<void> {
    const root = await this.rootPath();
    const path = join(root, this.checked(key));
    await saidAsStore(async () => {
      if (!(await isReal(dirname(path)))) return;
      await rm(path, { recursive: true, force: true });
      // A folder without artifacts is no folder: elsewhere they exist only as parts of keys.
      for (let parent = dirname(path); parent !== root; parent = dirname(parent)) await rmdir(parent);
    }, undefined);
  }

  async healthy(): Promise<boolean> {
    try {
      await stat(join(await this.rootPath(), STAGING));
      return true;
    } catch {
      return false;
    }
  }

  private async write(
    key: string,
    body: MeasuredBody,
    place: (staged: string, target: string) => Promise<void>,
  ): Promise<StoredArtifact> {
    const root = await this.rootPath();
    const target = join(root, this.checked(key));
    const staged = join(root, STAGING, randomUUID());
    try {
      const file = await saidAsStore(() => open(staged, 'wx', 0o640));
      try {
        for await (const chunks of gathered(body.chunks(), WRITE_BYTES)) await saidAsStore(() => append(file, chunks));
        await saidAsStore(() => file.sync());
      } finally {
        await file.close();
      }
      await saidAsStore(() => placeIn(target, () => place(staged, target)));
    } finally {
      await rm(staged, { force: true });
    }
    return body.stored();
  }

  private async openFile(key: string): Promise<{ handle: FileHandle; sizeBytes: number } | undefined> {
    const path = join(await this.rootPath(), this.checked(key));
    return saidAsStore(async () => {
      if (!(await isReal(dirname(path)))) return undefined;
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const { size } = await handle.stat().then(
        (stats) => (stats.isFile() ? stats : { size: -1 }),
        async (error: unknown) => {
          await handle.close();
          throw error;
        },
      );
      if (size >= 0) return { handle, sizeBytes: size };
      await handle.close();
      return undefined;
    }, undefined);
  }

  private async entryOf(folder: string, entry: Dirent): Promise<ArtifactEntry | undefined> {
    const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (key === STAGING) return undefined;
    if (entry.isDirectory()) return { key, isDirectory: true };
    if (!entry.isFile()) return undefined;
    const size = await this.stat(key);
    return size && { key, isDirectory: false, ...size };
  }

  private checked(key: string): string {
    if (checkedKey(key).split('/', 1)[0] === STAGING)
      throw new PlatformError('REQUEST_INVALID', `Artifact paths must not begin with ${STAGING}.`);
    return key;
  }

  /** The folder's true path, so that a link on the way *to* it is no offence. Tried again after a failure. */
  private rootPath(): Promise<string> {
    this.root ??= saidAsStore(async () => {
      await mkdir(join(this.folder, STAGING), { recursive: true });
      return realpath(this.folder);
    }).catch((error: unknown) => {
      this.root = undefined;
      throw error;
    });
    return this.root;
  }
}

const append = async (file: FileHandle, chunks: Buffer[]): Promise<void> => {
  const { bytesWritten } = await file.writev(chunks);
  const rest = chunks.reduce((sum, { length }) => sum + length, 0) - bytesWritten;
  // A disk that is nearly full takes a part; writing the rest says why.
  if (rest > 0) await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
};

const placeIn = async (target: string, place: () => Promise<void>): Promise<void> => {
  const folder = dirname(target);
  for (let attempt = 1; ; attempt++) {
    // Looked at before as well: mkdir follows links.
    for (let there = folder; !(await leadsStraight(there));) there = dirname(there);
    await mkdir(folder, { recursive: true });
    await leadsStraight(folder);
    try {
      await place();
      break;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === PLACE_ATTEMPTS) throw error;
    }
  }
  const handle = await open(folder, constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
};

/** False when there is nothing yet; refuses what is reached over a symbolic link. */
const leadsStraight = async (path: string): Promise<boolean> => {
  try {
    if (await isReal(path)) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  throw new PlatformError('REQUEST_INVALID', 'The artifact path leads over a symbolic link.');
};

/** True when no part of the path is a symbolic link. */
const isReal = async (path: string): Promise<boolean> => (await realpath(path)) === path;
