import { Not } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import type { Page, Tag } from '../../core/paging.js';
import {
  ModelVersions,
  type ModelVersion,
  type NewModelVersion,
  type RegistryQuery,
  type Stage,
} from '../../core/registered-models.js';
import { columnsOfFrozen, loadVersions } from './model-version-rows.js';
import { searchModelVersions } from './model-version-search.js';
import { ModelVersionEntity, ModelVersionTagEntity } from './model-version.entity.js';
import { RegisteredModelEntity } from './registered-model.entity.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresModelVersions extends ModelVersions {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  create(given: NewModelVersion): Promise<ModelVersion> {
    return this.database.transaction(async () => {
      const { name, tags, frozen, ...columns } = given;
      const model = await this.database.repository(RegisteredModelEntity).findOneBy({ name });
      if (model === null) throw new PlatformError('MODEL_NOT_FOUND', `Registered Model with name=${name} not found`);
      // The pointer's row is the queue of its name: from here on no twin can come between.
      const version = await this.nextNumber(name);
      const twin = given.requestId === null ? undefined : await this.findByRequest(given.requestId);
      if (twin !== undefined) return twin;
      const now = this.clock.now();
      await this.versions().insert({
        ...columns,
        ...columnsOfFrozen(frozen),
        name,
        version,
        createdMs: now,
        updatedMs: now,
        stage: 'None',
        status: 'READY',
        statusMessage: null,
      });
      for (const { key, value } of tags)
        await this.tags().upsert({ name, version, key, value }, ['name', 'version', 'key']);
      await this.database.repository(RegisteredModelEntity).update({ name }, { updatedMs: now });
      return { ...(await this.get(name, version)), frozen };
    });
  }

  async get(name: string, version: number): Promise<ModelVersion> {
    const [found] = await loadVersions(this.database, [{ name, version }]);
    if ((found as ModelVersion | undefined) === undefined) throw missing(name, version);
    return found;
  }

  async findByRequest(requestId: string): Promise<ModelVersion | undefined> {
    const found = await this.database.guarded(() => this.versions().findOneBy({ requestId }));
    return found === null ? undefined : this.get(found.name, found.version);
  }

  async metricsOf(name: string, version: number): Promise<Record<string, number>> {
    const rows = await this.database.query<{ key: string; value: number }[]>(
      `select m.key, m.value from registry.model_versions v
       join registry.logged_models l on l.model_id = v.model_id
       join registry.run_latest_metrics m on m.run_id = l.source_run_id
       where v.name = $1 and v.version = $2 and v.run_id is null
       union all
       select m.key, m.value from registry.model_versions v join registry.run_latest_metrics m on m.run_id = v.run_id
       where v.name = $1 and v.version = $2`,
      [name, version],
    );
    return Object.fromEntries(rows.filter(({ value }) => Number.isFinite(value)).map(({ key, value }) => [key, value]));
  }

  async search(query: RegistryQuery): Promise<Page<ModelVersion>> {
    const page = await searchModelVersions(this.database, query);
    return { ...page, items: await loadVersions(this.database, page.items) };
  }

  describe(name: string, version: number, description: string): Promise<void> {
    return this.change(name, version, { description });
  }

  setStage(name: string, version: number, stage: Stage): Promise<void> {
    return this.change(name, version, { stage });
  }

  async archiveOthers(name: string, version: number | null, stage: Stage): Promise<void> {
    const set = { stage: 'Archived', updatedMs: this.clock.now() } as const;
    const others = { name, stage, ...(version !== null && { version: Not(version) }) };
    await this.database.guarded(() => this.versions().update(others, set));
  }

  async newestIn(name: string, stage: Stage): Promise<number | undefined> {
    const found = await this.database.guarded(() =>
      this.versions().findOne({ where: { name, stage }, order: { version: 'DESC' } }),
    );
    return found?.version;
  }

  async delete(name: string, version: number): Promise<void> {
    const { affected } = await this.database.guarded(() => this.versions().delete({ name, version }));
    if (!affected) throw missing(name, version);
  }

  async setTag(name: string, version: number, { key, value }: Tag): Promise<void> {
    await this.change(name, version, {});
    await this.database.guarded(() => this.tags().upsert({ name, version, key, value }, ['name', 'version', 'key']));
  }

  async deleteTag(name: string, version: number, key: string): Promise<void> {
    await this.change(name, version, {});
    await this.database.guarded(() => this.tags().delete({ name, version, key }));
  }

  private async nextNumber(name: string): Promise<number> {
    const [{ version }] = await this.database.query<{ version: number }[]>(
      `insert into registry.promotion_pointers as known (name, last_version) values ($1, 1)
       on conflict (name) do update set last_version = known.last_version + 1 returning last_version as version`,
      [name],
    );
    return version;
  }

  private async change(name: string, version: number, set: { description?: string; stage?: Stage }): Promise<void> {
    const change = { ...set, updatedMs: this.clock.now() };
    const { affected } = await this.database.guarded(() => this.versions().update({ name, version }, change));
    if (!affected) throw missing(name, version);
  }

  private versions() {
    return this.database.repository(ModelVersionEntity);
  }

  private tags() {
    return this.database.repository(ModelVersionTagEntity);
  }
}

const missing = (name: string, version: number): PlatformError =>
  new PlatformError('VERSION_NOT_FOUND', `Model Version (name=${name}, version=${String(version)}) not found`);
