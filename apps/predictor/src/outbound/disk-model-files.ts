import { createHash } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelArtifact } from '#contracts';
import type { Logger } from '#runtime';
import { ModelFiles, type PartialFile } from '../core/model-files.js';
import { DiskPartialFile } from './disk-partial-file.js';

/** So much is read and hashed in one turn of the loop, which downloads share. */
const PIECE_BYTES = 256 * 1024;

/** `blobs/<sha-256>` are whole files, `partial/<sha-256>` beginnings. One folder belongs to one replica. */
export class DiskModelFiles extends ModelFiles {
  private readonly blobs: string;
  private readonly partial: string;
  /** Bytes that are being fetched or tried, per owner: no record on the disk names them yet. */
  private readonly wanted = new Map<string, string>();
  private readonly keepers: (() => Promise<readonly string[]>)[] = [];

  constructor(
    folder: string,
    private readonly logger: Logger,
  ) {
    super();
    this.blobs = join(folder, 'blobs');
    this.partial = join(folder, 'partial');
  }

  async read({ sha256, sizeBytes }: ModelArtifact): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = join(this.blobs, sha256);
    const file = await open(path, 'r').catch(unlessMissing);
    if (file === undefined) return undefined;
    try {
      const { size } = await file.stat();
      if (size === sizeBytes) {
        const bytes = new Uint8Array(size);
        const hash = createHash('sha256');
        for (let at = 0; at < size;) {
          const { bytesRead } = await file.read(bytes, at, Math.min(PIECE_BYTES, size - at), at);
          if (bytesRead === 0) break;
          hash.update(bytes.subarray(at, at + bytesRead));
          at += bytesRead;
        }
        if (hash.digest('hex') === sha256) return bytes;
      }
    } finally {
      await file.close();
    }
    this.logger.warn('A last-good copy is damaged and is removed.', { sha256 });
    await rm(path, { force: true });
    return undefined;
  }

  want(owner: string, { sha256 }: ModelArtifact): void {
    this.wanted.set(owner, sha256);
  }

  resume({ sha256 }: ModelArtifact): Promise<PartialFile> {
    return DiskPartialFile.open(join(this.partial, sha256), join(this.blobs, sha256));
  }

  /** From now on a record names what this owner needs, if it needs anything. */
  recorded(owner: string, sha256?: string): void {
    if (sha256 === undefined || this.wanted.get(owner) === sha256) this.wanted.delete(owner);
  }

  /** Whoever keeps records of what served names the digests that they need. */
  keptFor(digests: () => Promise<readonly string[]>): void {
    this.keepers.push(digests);
  }

  /** Removes what neither a record nor a load needs. */
  async prune(): Promise<void> {
    const needed = new Set((await Promise.all(this.keepers.map((digests) => digests()))).flat());
    for (const folder of [this.blobs, this.partial])
      for (const name of (await readdir(folder).catch(unlessMissing)) ?? [])
        // Asked at the last moment: a load may have come to need it meanwhile.
        if (!needed.has(name) && !new Set(this.wanted.values()).has(name))
          await rm(join(folder, name), { force: true });
  }
}

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};
