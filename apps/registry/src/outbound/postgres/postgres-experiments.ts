import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import { experimentLocation } from '../../core/artifact-locations.js';
import { Experiments, type Experiment, type ExperimentQuery, type Lifecycle } from '../../core/experiments.js';
import type { Page, Tag } from '../../core/paging.js';
import { isDuplicate } from './database-errors.js';
import { searchExperiments } from './experiment-search.js';
import { ExperimentEntity, ExperimentTagEntity } from './experiment.entity.js';
import type { RegistryDatabase } from './registry-database.js';

export class PostgresExperiments extends Experiments {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(given: { name: string; artifactLocation?: string; tags: Tag[] }): Promise<string> {
    const now = this.clock.now();
    try {
      return await this.database.transaction(async () => {
        const [{ id }] = await this.database.query<{ id: string }[]>(
          `insert into registry.experiments (name, artifact_location, creation_time, last_update_time)
           values ($1, $2, $3, $3) returning experiment_id as id`,
          [given.name, given.artifactLocation ?? '', now],
        );
        if (!given.artifactLocation)
          await this.repository().update({ id }, { artifactLocation: experimentLocation(id) });
        if (given.tags.length > 0)
          await this.tags().upsert(
            given.tags.map((tag) => ({ ...tag, experimentId: id })),
            ['experimentId', 'key'],
          );
        return id;
      });
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists(given.name);
      throw error;
    }
  }

  async get(id: string): Promise<Experiment> {
    const missing = new PlatformError('NOT_FOUND', `No Experiment with id=${id} exists`);
    if (!/^\d{1,18}$/.test(id))
      throw new PlatformError('REQUEST_INVALID', `Invalid experiment ID '${id}'. Experiment ID must be an integer.`);
    const [found] = await this.load([id]);
    if ((found as Experiment | undefined) === undefined) throw missing;
    return found;
  }

  async getByName(name: string): Promise<Experiment> {
    const found = await this.database.guarded(() => this.repository().findOneBy({ name }));
    if (found === null) throw new PlatformError('NOT_FOUND', `Could not find experiment with name '${name}'`);
    return this.get(found.id);
  }

  async search(query: ExperimentQuery): Promise<Page<Experiment>> {
    const page = await searchExperiments(this.database, query);
    return { ...page, items: await this.load(page.items.map(({ id }) => id)) };
  }

  async rename(id: string, name: string): Promise<void> {
    await this.mustBe(id, 'active');
    try {
      await this.database.guarded(() => this.repository().update({ id }, { name, updatedMs: this.clock.now() }));
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists(name);
      throw error;
    }
  }

  async setLifecycle(id: string, lifecycle: Lifecycle): Promise<void> {
    const { lifecycle: present } = await this.get(id);
    if (present === lifecycle)
      throw new PlatformError(
        'NOT_FOUND',
        `No ${lifecycle === 'deleted' ? 'active' : 'deleted'} experiment with id=${id} exists`,
      );
    await this.database.transaction(async () => {
      await this.repository().update({ id }, { lifecycle, updatedMs: this.clock.now() });
      await this.database.query('update registry.runs set lifecycle_stage = $2 where experiment_id = $1', [
        id,
        lifecycle,
      ]);
    });
  }

  async setTag(id: string, tag: Tag): Promise<void> {
    await this.mustBe(id, 'active');
    await this.database.guarded(() => this.tags().upsert({ ...tag, experimentId: id }, ['experimentId', 'key']));
  }

  async deleteTag(id: string, key: string): Promise<void> {
    await this.mustBe(id, 'active');
    const { affected } = await this.database.guarded(() => this.tags().delete({ experimentId: id, key }));
    if (!affected) throw new PlatformError('NOT_FOUND', `No tag with name: ${key} in experiment with id ${id}`);
  }

  private async mustBe(id: string, lifecycle: Lifecycle): Promise<void> {
    const found = await this.get(id);
    if (found.lifecycle !== lifecycle)
      throw new PlatformError(
        'REQUEST_INVALID',
        `The experiment ${id} must be in the '${lifecycle}' state. Current state is ${found.lifecycle}.`,
      );
  }

  private load(ids: string[]): Promise<Experiment[]> {
    return this.database.guarded(async () => {
      const found = await this.repository().findBy({ id: In(ids) });
      const tags = await this.tags().find({ where: { experimentId: In(ids) }, order: { key: 'ASC' } });
      return ids.flatMap((id) => {
        const experiment: Omit<Experiment, 'tags'> | undefined = found.find((row) => row.id === id);
        if (experiment === undefined) return [];
        const own = tags.filter((tag) => tag.experimentId === id).map(({ key, value }) => ({ key, value }));
        return [{ ...experiment, tags: own }];
      });
    });
  }

  private repository() {
    return this.database.repository(ExperimentEntity);
  }

  private tags() {
    return this.database.repository(ExperimentTagEntity);
  }
}

const alreadyExists = (name: string): PlatformError =>
  new PlatformError('ALREADY_EXISTS', `Experiment(name=${name}) already exists. Error: the name is taken.`);
