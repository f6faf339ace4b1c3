import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelPromoted, type ModelPromoted } from '#contracts';
import type { Logger } from '#runtime';
import { LastGoodCopies } from '../core/last-good-copies.js';
import type { DiskModelFiles } from './disk-model-files.js';
import { makeFolder } from './make-folder.js';
import { writeDurably } from './write-durably.js';

interface DiskCopiesOptions {
  /** Of these records alone; `sha256(<key>).json` lies in it. */
  folder: string;
  /** What there is one record of. */
  keyOf: (promoted: ModelPromoted) => string;
}

interface Kept {
  text: string;
  promoted: ModelPromoted;
}

/**
 * One file for each promotion that served last. The folder belongs to one replica, so it is read once. Changes go one after the
 * other, so that a late "remember" never undoes a "forget".
 */
export class DiskLastGoodCopies extends LastGoodCopies {
  private last: Promise<unknown> = Promise.resolve();
  private known: Promise<Map<string, Kept>> | undefined;

  constructor(
    private readonly files: DiskModelFiles,
    private readonly logger: Logger,
    private readonly options: DiskCopiesOptions,
  ) {
    super();
    files.keptFor(async () => [...(await this.kept()).values()].map(({ promoted }) => promoted.artifact.sha256));
  }

  all(): Promise<ModelPromoted[]> {
    return this.inOrder(async () => [...(await this.kept()).values()].map(({ promoted }) => promoted));
  }

  remember(promoted: ModelPromoted): Promise<void> {
    return this.inOrder(async () => {
      const { folder, keyOf } = this.options;
      const [file, text, kept] = [fileOf(keyOf(promoted)), JSON.stringify(promoted), await this.kept()];
      if (kept.get(file)?.text !== text) {
        await makeFolder(folder);
        await writeDurably(join(folder, file), text);
        kept.set(file, { text, promoted });
      }
      this.files.recorded(keyOf(promoted), promoted.artifact.sha256);
      await this.files.prune();
    });
  }

  forget(key: string): Promise<void> {
    return this.inOrder(async () => {
      await rm(join(this.options.folder, fileOf(key)), { force: true });
      (await this.kept()).delete(fileOf(key));
      this.files.recorded(key);
      await this.files.prune();
    });
  }

  private kept(): Promise<Map<string, Kept>> {
    this.known ??= this.readAll().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private async readAll(): Promise<Map<string, Kept>> {
    const found = new Map<string, Kept>();
    for (const file of (await readdir(this.options.folder).catch(unlessMissing)) ?? []) {
      const path = join(this.options.folder, file);
      // Left half written by a crash.
      if (file.endsWith('.tmp')) await rm(path, { force: true });
      const kept = file.endsWith('.json') ? await this.read(path) : undefined;
      if (kept !== undefined) found.set(file, kept);
    }
    return found;
  }

  private async read(path: string): Promise<Kept | undefined> {
    try {
      const text = await readFile(path, 'utf8');
      return { text, promoted: modelPromoted.parse(JSON.parse(text)) };
    } catch (error) {
      this.logger.warn('The record of a last-good copy can not be read and is passed over.', { path, error });
      return undefined;
    }
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

const fileOf = (key: string): string => `${createHash('sha256').update(key).digest('hex')}.json`;

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};
