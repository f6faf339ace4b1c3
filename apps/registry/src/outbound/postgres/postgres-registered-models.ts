import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import type { Page, Tag } from '../../core/paging.js';
import { isPrompt } from '../../core/prompts.js';
import {
  RegisteredModels,
  type ModelVersion,
  type RegisteredModel,
  type RegistryQuery,
} from '../../core/registered-models.js';
import { isDuplicate } from './database-errors.js';
import { loadVersions } from './model-version-rows.js';
import { ModelVersionEntity } from './model-version.entity.js';
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

  create(given: { name: string; description?: string; tags: Tag[] }): Promise<RegisteredModel> {
    return this.database.transaction(async () => {
      const { name } = given;
      const now = this.clock.now();
      // Waits for a twin that is about to make the same name.
      const made = await this.database.query<unknown[]>(
        `insert into registry.registered_models (name, description, creation_time, last_update_time)
         values ($1, $2, $3, $3) on conflict do nothing returning name`,
        [name, given.description ?? null, now],
      );
      if (made.length === 0) throw await this.taken(name, isPrompt(given.tags));
      const rows = [...new Map(given.tags.map(({ key, value }) => [key, value]))];
      if (rows.length > 0) await this.tags().insert(rows.map(([key, value]) => ({ name, key, value })));
      return this.get(name);
    });
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
        const updatedMs = this.clock.now();
        await this.touch(name, { name: newName });
        await this.database.repository(ModelVersionEntity).update({ name: newName }, { updatedMs });
        // Versions follow the model; under its new name, too, no number is given twice.
        await this.database.query(
          `insert into registry.promotion_pointers as known (name, last_version)
           select $1, coalesce(max(version), 0) from registry.model_versions where name = $1
           on conflict (name) do update set last_version = greatest(known.last_version, excluded.last_version)`,
          [newName],
        );
      });
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists('Registered Model', newName);
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    const { affected } = await this.database.guarded(() => this.models().delete({ name }));
    if (!affected) throw missing(name);
  }

  setTag(name: string, tag: Tag): Promise<void> {
    return this.database.transaction(async () => {
      await this.hold(name);
      await this.tags().upsert({ ...tag, name }, ['name', 'key']);
    });
  }

  deleteTag(name: string, key: string): Promise<void> {
    return this.database.transaction(async () => {
      await this.hold(name);
      await this.tags().delete({ name, key });
    });
  }

  setAlias(name: string, alias: string, version: number): Promise<void> {
    return this.database.transaction(async () => {
      // The version can not be deleted between the check and the alias.
      const held = await this.database.query<unknown[]>(
        'select 1 from registry.model_versions where name = $1 and version = $2::bigint for key share',
        [name, version],
      );
      if (held.length === 0)
        throw new PlatformError(
          'VERSION_NOT_FOUND',
          `Model Version (name=${name}, version=${String(version)}) not found`,
        );
      await this.aliases().upsert({ name, alias, version }, ['name', 'alias']);
    });
  }

  async deleteAlias(name: string, alias: string): Promise<void> {
    await this.database.guarded(() => this.aliases().delete({ name, alias }));
  }

  async findAlias(name: string, alias: string): Promise<number | undefined> {
    const found = await this.database.guarded(() => this.aliases().findOneBy({ name, alias }));
    return found?.version;
  }

  /** Keeps the model from being deleted or renamed until the transaction ends. */
  private async hold(name: string): Promise<void> {
    const held = await this.database.query<unknown[]>(
      'select 1 from registry.registered_models where name = $1 for key share',
      [name],
    );
    if (held.length === 0) throw missing(name);
  }

  /** Models and prompts share their names, and clients are told which of the two has it. */
  private async taken(name: string, asPrompt: boolean): Promise<PlatformError> {
    const tags = await this.tags().findBy({ name });
    const [old, wanted] = [isPrompt(tags), asPrompt].map((prompt) => (prompt ? 'Prompt' : 'Registered Model'));
    if (old === wanted) return alreadyExists(wanted, name);
    return new PlatformError(
      'ALREADY_EXISTS',
      `Tried to create a ${wanted.toLowerCase()} with name '${name}', but the name is already taken by a ${old.toLowerCase()}. MLflow does not allow creating a model and a prompt with the same name.`,
    );
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
       group by name, current_stage order by name, min(version)`,
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

const alreadyExists = (kind: string, name: string): PlatformError =>
  new PlatformError('ALREADY_EXISTS', `${kind} (name=${name}) already exists.`);
