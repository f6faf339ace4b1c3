import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelPromoted, type ModelPromoted } from '#contracts';
import type { Logger } from '#runtime';
import { LastGoodCopies } from '../core/last-good-copies.js';
import { writeDurably } from './write-durably.js';

/**
 * `models/<sha-256 of the name>.json` holds the promotion that served last, `blobs/<sha-256>` the bytes it names. One
 * folder belongs to one replica. Changes go one after the other, so that a late "remember" never undoes a "forget".
 */
export class DiskLastGoodCopies extends LastGoodCopies {
  private readonly models: string;
  private readonly blobs: string;
  /** Bytes that are being tried, per model: nothing on disk names them yet. */
  private readonly trying = new Map<string, string>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    folder: string,
    private readonly logger: Logger,
  ) {
    super();
    this.models = join(folder, 'models');
    this.blobs = join(folder, 'blobs');
  }

  all(): Promise<ModelPromoted[]> {
    return this.inOrder(async () => {
      const found: ModelPromoted[] = [];
      for (const file of await filesOf(this.models)) {
        const promoted = file.endsWith('.json') ? await this.read(join(this.models, file)) : undefined;
        if (promoted !== undefined) found.push(promoted);
      }
      return found;
    });
  }

  async bytes(sha256: string): Promise<Uint8Array | undefined> {
    const path = join(this.blobs, sha256);
    const content = await readFile(path).catch(unlessMissing);
    if (content === undefined) return undefined;
    if (digestOf(content) === sha256) return new Uint8Array(content);
    this.logger.warn('A last-good copy is damaged and is removed.', { sha256 });
    await rm(path, { force: true });
    return undefined;
  }

  keep({ model, artifact }: ModelPromoted, bytes: Uint8Array): Promise<void> {
    return this.inOrder(async () => {
      this.trying.set(model, artifact.sha256);
      await mkdir(this.blobs, { recursive: true });
      await writeDurably(join(this.blobs, artifact.sha256), bytes);
    });
  }

  remember(promoted: ModelPromoted): Promise<void> {
    return this.inOrder(async () => {
      await mkdir(this.models, { recursive: true });
      await writeDurably(this.stateOf(promoted.model), JSON.stringify(promoted));
      if (this.trying.get(promoted.model) === promoted.artifact.sha256) this.trying.delete(promoted.model);
      await this.prune();
    });
  }

  forget(model: string): Promise<void> {
    return this.inOrder(async () => {
      this.trying.delete(model);
      await rm(this.stateOf(model), { force: true });
      await this.prune();
    });
  }

  /** Removes bytes that no model needs, and what a crash left half written. */
  private async prune(): Promise<void> {
    const needed = new Set(this.trying.values());
    for (const file of await filesOf(this.models)) {
      const promoted = file.endsWith('.json') ? await this.read(join(this.models, file)) : undefined;
      if (promoted !== undefined) needed.add(promoted.artifact.sha256);
      if (file.endsWith('.tmp')) await rm(join(this.models, file), { force: true });
    }
    for (const file of await filesOf(this.blobs))
      if (!needed.has(file)) await rm(join(this.blobs, file), { force: true });
  }

  private async read(path: string): Promise<ModelPromoted | undefined> {
    try {
      return modelPromoted.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      this.logger.warn('The record of a last-good copy can not be read and is passed over.', { path, error });
      return undefined;
    }
  }

  private stateOf(model: string): string {
    return join(this.models, `${digestOf(model)}.json`);
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

const filesOf = async (folder: string): Promise<string[]> => (await readdir(folder).catch(unlessMissing)) ?? [];

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};

const digestOf = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');
