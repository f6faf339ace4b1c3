import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkedKey } from '../artifact-key.js';
import { ArtifactInventory, type InventoryEntry, type UnfinishedUpload } from '../artifact-inventory.js';
import { saidAsStore } from './file-errors.js';
import { STAGING } from './filesystem-artifact-store.js';

/** What lies in the folder; links are neither followed nor told. */
export class FilesystemInventory extends ArtifactInventory {
  constructor(private readonly folder: string) {
    super();
  }

  async *below(folder: string): AsyncGenerator<InventoryEntry> {
    const entries = await saidAsStore(
      () => readdir(join(this.folder, checkedKey(folder)), { withFileTypes: true }),
      [],
    );
    for (const entry of entries) {
      const key = `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* this.below(key);
      else if (entry.isFile()) {
        const found = await this.stat(key);
        if (found !== undefined) yield { key, ...found };
      }
    }
  }

  async *unfinished(): AsyncGenerator<UnfinishedUpload> {
    for (const name of await saidAsStore(() => readdir(join(this.folder, STAGING)), [])) {
      const key = `${STAGING}/${name}`;
      const found = await this.stat(key);
      if (found === undefined) continue;
      const discard = () => saidAsStore(() => rm(join(this.folder, key), { force: true }));
      yield { key, beganMs: found.modifiedMs, sizeBytes: found.sizeBytes, discard };
    }
  }

  /** Undefined when it went meanwhile. */
  private stat(key: string): Promise<{ sizeBytes: number; modifiedMs: number } | undefined> {
    return saidAsStore(async () => {
      const { size, mtimeMs } = await lstat(join(this.folder, key));
      return { sizeBytes: size, modifiedMs: mtimeMs };
    }, undefined);
  }
}
