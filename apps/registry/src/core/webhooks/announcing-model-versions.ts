import type { Tag } from '../paging.js';
import { ModelVersions, type ModelVersion, type NewModelVersion, type Stage } from '../registered-models.js';
import type { Transactions } from '../transactions.js';
import type { AnnounceChange } from './announce-change.js';

/** Model versions whose changes are told to webhooks; see `AnnouncingRegisteredModels`. */
export class AnnouncingModelVersions extends ModelVersions {
  constructor(
    private readonly inner: ModelVersions,
    private readonly transactions: Transactions,
    private readonly announce: AnnounceChange,
  ) {
    super();
  }

  create(given: NewModelVersion): Promise<ModelVersion> {
    return this.transactions.run(async () => {
      const made = await this.inner.create(given);
      // The twin of a training request was told when it was made.
      if (made.frozen !== given.frozen) return made;
      const { name, source, runId, tags, description } = given;
      await this.announce.execute({
        kind: 'version created',
        name,
        version: made.version,
        source,
        runId,
        tags,
        description,
      });
      return made;
    });
  }

  setStage(name: string, version: number, to: Stage): Promise<Stage> {
    return this.transactions.run(async () => {
      const from = await this.inner.setStage(name, version, to);
      if (from !== to) await this.announce.execute({ kind: 'stage changed', name, version, from, to });
      return from;
    });
  }

  archiveOthers(name: string, version: number | null, from: Stage): ReturnType<ModelVersions['archiveOthers']> {
    return this.transactions.run(async () => {
      const archived = await this.inner.archiveOthers(name, version, from);
      for (const other of archived)
        await this.announce.execute({
          kind: 'stage changed',
          name,
          version: other.version,
          from: other.from,
          to: 'Archived',
        });
      return archived;
    });
  }

  setTag(name: string, version: number, tag: Tag): Promise<void> {
    return this.transactions.run(async () => {
      await this.inner.setTag(name, version, tag);
      await this.announce.execute({ kind: 'version tag set', name, version, key: tag.key, value: tag.value });
    });
  }

  deleteTag(name: string, version: number, key: string): Promise<void> {
    return this.transactions.run(async () => {
      await this.inner.deleteTag(name, version, key);
      await this.announce.execute({ kind: 'version tag deleted', name, version, key });
    });
  }

  get(name: string, version: number): Promise<ModelVersion> {
    return this.inner.get(name, version);
  }

  findByRequest(requestId: string): Promise<ModelVersion | undefined> {
    return this.inner.findByRequest(requestId);
  }

  metricsOf(name: string, version: number): Promise<Record<string, number>> {
    return this.inner.metricsOf(name, version);
  }

  search(query: Parameters<ModelVersions['search']>[0]): ReturnType<ModelVersions['search']> {
    return this.inner.search(query);
  }

  newestIn(name: string, stage: Stage): Promise<number | undefined> {
    return this.inner.newestIn(name, stage);
  }

  attach(...given: Parameters<ModelVersions['attach']>): Promise<void> {
    return this.inner.attach(...given);
  }

  describe(name: string, version: number, description: string | null): Promise<void> {
    return this.inner.describe(name, version, description);
  }

  delete(name: string, version: number): Promise<void> {
    return this.inner.delete(name, version);
  }
}
