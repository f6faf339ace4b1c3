import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import type { Page, Tag } from '../../core/paging.js';
import {
  ModelVersions,
  type Frozen,
  type ModelVersion,
  type NewModelVersion,
  type RegistryQuery,
  type Stage,
} from '../../core/registered-models.js';
import { SERVABLE_TAGS } from '../../core/servable-tags.js';
import { holdCollection, referringToBlob } from './collection-lock.js';
import { holdAttempt } from './hold-attempt.js';
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
      const { name, tags, frozen, attempt, ...columns } = given;
      if (attempt !== undefined) await holdAttempt(this.database, attempt);
      await holdCollection(this.database, given.storageLocation);
      // The pointer's row is the queue of its name: from here on no twin can come between.
      const version = await this.nextNumber(name);
      const twin = given.requestId === null ? undefined : await this.findByRequest(given.requestId);
      if (twin !== undefined) return twin;
      const now = this.clock.now();
      if (!(await this.touchModel(name, now)))
        throw new PlatformError('MODEL_NOT_FOUND', `Registered Model with name=${name} not found`);
      const row = {
        ...columns,
        ...columnsOfFrozen(frozen),
        name,
        version,
        createdMs: now,
        updatedMs: now,
        stage: 'None',
        status: 'READY',
        statusMessage: null,
      } as const;
      await referringToBlob(() => this.versions().insert(row));
      const rows = [...new Map(tags.map(({ key, value }) => [key, value]))];
      if (rows.length > 0) await this.tags().insert(rows.map(([key, value]) => ({ name, version, key, value })));
      return { ...(await this.get(name, version)), frozen };
    });
  }

  async get(name: string, version: number): Promise<ModelVersion> {
    const [found] = isStorable(version) ? await loadVersions(this.database, [{ name, version }]) : [];
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

  async newestIn(name: string, stage: Stage): Promise<number | undefined> {
    const found = await this.database.guarded(() =>
      this.versions().findOne({ where: { name, stage }, order: { version: 'DESC' } }),
    );
    return found?.version;
  }

  async describe(name: string, version: number, description: string | null): Promise<void> {
    const change = { description, updatedMs: this.clock.now() };
    const key = isStorable(version) ? { name, version } : { name, version: 0 };
    const { affected } = await this.database.guarded(() => this.versions().update(key, change));
    if (!affected) throw missing(name, version);
  }

  setStage(name: string, version: number, stage: Stage): Promise<Stage> {
    return this.inQueue(name, async () => {
      const updatedMs = this.clock.now();
      const [[changed]] = await this.database.query<[{ before: Stage }[], number]>(
        `update registry.model_versions v set current_stage = $3, last_update_time = $4
         from (select name, version, current_stage from registry.model_versions
               where name = $1 and version = $2::bigint for update) old
         where v.name = old.name and v.version = old.version returning old.current_stage as before`,
        [name, version, stage, updatedMs],
      );
      if ((changed as { before: Stage } | undefined) === undefined) throw missing(name, version);
      await this.touchModel(name, updatedMs);
      return changed.before;
    });
  }

  archiveOthers(name: string, version: number | null, stage: Stage): Promise<{ version: number; from: Stage }[]> {
    return this.inQueue(name, async () => {
      const [archived] = await this.database.query<[{ version: number }[], number]>(
        `update registry.model_versions set current_stage = 'Archived', last_update_time = $4
         where name = $1 and current_stage = $3 and version is distinct from $2::integer returning version`,
        [name, version, stage, this.clock.now()],
      );
      return archived.map(({ version: other }) => ({ version: other, from: stage }));
    });
  }

  attach(name: string, version: number, frozen: Frozen, tags: Tag[]): Promise<void> {
    return this.inQueue(name, async () => {
      const updatedMs = this.clock.now();
      const change = { ...columnsOfFrozen(frozen), updatedMs };
      const { affected } = await referringToBlob(() => this.versions().update({ name, version }, change));
      if (!affected) throw missing(name, version);
      await this.tags().delete({ name, version, key: In([...SERVABLE_TAGS]) });
      await this.tags().insert(tags.map(({ key, value }) => ({ name, version, key, value })));
      await this.touchModel(name, updatedMs);
    });
  }

  delete(name: string, version: number): Promise<void> {
    return this.inQueue(name, async () => {
      await this.get(name, version);
      await this.versions().delete({ name, version });
      await this.touchModel(name, this.clock.now());
    });
  }

  setTag(name: string, version: number, { key, value }: Tag): Promise<void> {
    return this.database.transaction(async () => {
      await this.hold(name, version);
      await this.tags().upsert({ name, version, key, value }, ['name', 'version', 'key']);
    });
  }

  deleteTag(name: string, version: number, key: string): Promise<void> {
    return this.database.transaction(async () => {
      await this.hold(name, version);
      await this.tags().delete({ name, version, key });
    });
  }

  private async nextNumber(name: string): Promise<number> {
    const [{ version }] = await this.database.query<{ version: number }[]>(
      `insert into registry.promotion_pointers as known (name, last_version) values ($1, 1)
       on conflict (name) do update set last_version = known.last_version + 1 returning last_version as version`,
      [name],
    );
    return version;
  }

  /** Whoever changes several versions of a name stands in the queue of that name first, so that nobody waits in a circle. */
  private inQueue<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.database.query('select 1 from registry.promotion_pointers where name = $1 for update', [name]);
      return work();
    });
  }

  /** Keeps the version from being deleted or renamed until the transaction ends. */
  private async hold(name: string, version: number): Promise<void> {
    const held = await this.database.query<unknown[]>(
      'select 1 from registry.model_versions where name = $1 and version = $2::bigint for key share',
      [name, version],
    );
    if (held.length === 0) throw missing(name, version);
  }

  private async touchModel(name: string, updatedMs: number): Promise<boolean> {
    const { affected } = await this.database.repository(RegisteredModelEntity).update({ name }, { updatedMs });
    return affected === 1;
  }

  private versions() {
    return this.database.repository(ModelVersionEntity);
  }

  private tags() {
    return this.database.repository(ModelVersionTagEntity);
  }
}

/** Numbers beyond the column's type are of no version. */
const isStorable = (version: number): boolean => Math.abs(version) < 2 ** 31;

const missing = (name: string, version: number): PlatformError =>
  new PlatformError('VERSION_NOT_FOUND', `Model Version (name=${name}, version=${String(version)}) not found`);
