import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import type { Page, Tag } from '../../core/paging.js';
import {
  RegisteredModels,
  type ModelVersion,
  type RegisteredModel,
  type RegistryQuery,
} from '../../core/registered-models.js';
import { isDuplicate } from './database-errors.js';
import { loadVersions } from './model-version-rows.js';
import { searchRegisteredModels } from './registered-model-search.js';
import { ModelAliasEntity, RegisteredModelEntity, RegisteredModelTagEntity } from './registered-model.entity.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresRegisteredModels extends RegisteredModels {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(given: { name: string; description?: string; tags: Tag[] }): Promise<RegisteredModel> {
    const { name } = given;
    const now = this.clock.now();
    try {
      await this.database.transaction(async () => {
        await this.models().insert({ name, description: given.description ?? null, createdMs: now, updatedMs: now });
        for (const tag of given.tags) await this.tags().upsert({ ...tag, name }, ['name', 'key']);
      });
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists(name);
      throw error;
    }
    return this.get(name);
  }

  async get(name: string): Promise<RegisteredModel> {
    const [found] = await this.load([name]);
    if ((found as RegisteredModel | undefined) === undefined) throw missing(name);
    return found;
  }

  async search(query: RegistryQuery): Promise<Page<RegisteredModel>> {
    const page = await searchRegisteredModels(this.database, query);
    return { ...page, items: await this.load(page.items.map(({ name }) => name)) };
  }

  async describe(name: string, description: string): Promise<void> {
    await this.touch(name, { description });
  }

  async rename(name: string, newName: string): Promise<void> {
    try {
      await this.database.transaction(async () => {
        await this.touch(name, { name: newName });
        // Versions follow the model; under its new name, too, no number is given twice.
        await this.database.query(
          `insert into registry.promotion_pointers as known (name, last_version)
           select $1, coalesce(max(version), 0) from registry.model_versions where name = $1
           on conflict (name) do update set last_version = greatest(known.last_version, excluded.last_version)`,
          [newName],
        );
      });
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists(newName);
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    const { affected } = await this.database.guarded(() => this.models().delete({ name }));
    if (!affected) throw missing(name);
  }

  async setTag(name: string, tag: Tag): Promise<void> {
    await this.touch(name, {});
    await this.database.guarded(() => this.tags().upsert({ ...tag, name }, ['name', 'key']));
  }

  async deleteTag(name: string, key: string): Promise<void> {
    await this.touch(name, {});
    await this.database.guarded(() => this.tags().delete({ name, key }));
  }

  async setAlias(name: string, alias: string, version: number): Promise<void> {
    await this.database.guarded(() => this.aliases().upsert({ name, alias, version }, ['name', 'alias']));
  }

  async deleteAlias(name: string, alias: string): Promise<void> {
    await this.database.guarded(() => this.aliases().delete({ name, alias }));
  }

  async findAlias(name: string, alias: string): Promise<number | undefined> {
    const found = await this.database.guarded(() => this.aliases().findOneBy({ name, alias }));
    return found?.version;
  }

  private async touch(name: string, change: { name?: string; description?: string }): Promise<void> {
    const set = { ...change, updatedMs: this.clock.now() };
    const { affected } = await this.database.guarded(() => this.models().update({ name }, set));
    if (!affected) throw missing(name);
  }

  private load(names: string[]): Promise<RegisteredModel[]> {
    return this.database.guarded(async () => {
      if (names.length === 0) return [];
      const of = { name: In(names) };
      const models = await this.models().findBy(of);
      const tags = await this.tags().find({ where: of, order: { key: 'ASC' } });
      const aliases = await this.aliases().find({ where: of, order: { alias: 'ASC' } });
      const latest = await this.latest(names);
      return names.flatMap((name) => {
        const model: Omit<RegisteredModel, 'tags' | 'aliases' | 'latestVersions'> | undefined = models.find(
          (row) => row.name === name,
        );
        const own = <T extends { name: string }>(rows: T[]) => rows.filter((row) => row.name === name);
        return model === undefined
          ? []
          : [{ ...model, tags: own(tags), aliases: own(aliases), latestVersions: own(latest) }];
      });
    });
  }

  private async latest(names: string[]): Promise<ModelVersion[]> {
    const keys = await this.database.query<{ name: string; version: number }[]>(
      `select name, max(version) as version from registry.model_versions where name = any($1)
       group by name, current_stage order by 1, 2`,
      [names],
    );
    return loadVersions(this.database, keys);
  }

  private models() {
    return this.database.repository(RegisteredModelEntity);
  }

  private tags() {
    return this.database.repository(RegisteredModelTagEntity);
  }

  private aliases() {
    return this.database.repository(ModelAliasEntity);
  }
}

const missing = (name: string): PlatformError =>
  new PlatformError('MODEL_NOT_FOUND', `Registered Model with name=${name} not found`);

const alreadyExists = (name: string): PlatformError =>
  new PlatformError('ALREADY_EXISTS', `Registered Model (name=${name}) already exists.`);
