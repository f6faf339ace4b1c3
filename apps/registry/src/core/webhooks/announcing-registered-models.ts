import type { Tag } from '../paging.js';
import { RegisteredModels, type RegisteredModel } from '../registered-models.js';
import type { Transactions } from '../transactions.js';
import type { AnnounceChange } from './announce-change.js';

/**
 * Registered models whose changes are told to webhooks. It stands before the port, below every use case: whichever door
 * a change came through (a client, our own API, a policy), it is told, and in its own transaction.
 */
export class AnnouncingRegisteredModels extends RegisteredModels {
  constructor(
    private readonly inner: RegisteredModels,
    private readonly transactions: Transactions,
    private readonly announce: AnnounceChange,
  ) {
    super();
  }

  create(model: { name: string; description?: string; tags: Tag[] }): Promise<RegisteredModel> {
    return this.transactions.run(async () => {
      const made = await this.inner.create(model);
      const { name, tags, description = null } = model;
      await this.announce.execute({ kind: 'model created', name, tags, description });
      return made;
    });
  }

  setTag(name: string, tag: Tag): Promise<void> {
    return this.transactions.run(async () => {
      await this.inner.setTag(name, tag);
      await this.announce.execute({ kind: 'model tag set', name, key: tag.key, value: tag.value });
    });
  }

  deleteTag(name: string, key: string): Promise<void> {
    return this.transactions.run(async () => {
      await this.inner.deleteTag(name, key);
      await this.announce.execute({ kind: 'model tag deleted', name, key });
    });
  }

  /** An alias that is set to the version it has already changes nothing and tells nothing. */
  setAlias(name: string, alias: string, version: number): Promise<void> {
    return this.transactions.run(async () => {
      const before = await this.inner.findAlias(name, alias);
      await this.inner.setAlias(name, alias, version);
      if (before !== version) await this.announce.execute({ kind: 'alias set', name, alias, version });
    });
  }

  deleteAlias(name: string, alias: string): Promise<void> {
    return this.transactions.run(async () => {
      const before = await this.inner.findAlias(name, alias);
      await this.inner.deleteAlias(name, alias);
      if (before !== undefined) await this.announce.execute({ kind: 'alias deleted', name, alias });
    });
  }

  get(name: string): Promise<RegisteredModel> {
    return this.inner.get(name);
  }

  search(query: Parameters<RegisteredModels['search']>[0]): ReturnType<RegisteredModels['search']> {
    return this.inner.search(query);
  }

  describe(name: string, description: string): Promise<void> {
    return this.inner.describe(name, description);
  }

  rename(name: string, newName: string): Promise<void> {
    return this.inner.rename(name, newName);
  }

  delete(name: string): Promise<void> {
    return this.inner.delete(name);
  }

  findAlias(name: string, alias: string): Promise<number | undefined> {
    return this.inner.findAlias(name, alias);
  }
}
