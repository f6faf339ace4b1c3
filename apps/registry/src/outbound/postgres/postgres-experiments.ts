import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import { experimentLocation } from '../../core/artifact-locations.js';
import {
  Experiments,
  inactiveExperiment,
  readExperimentId,
  unknownExperiment,
  type Experiment,
  type ExperimentQuery,
  type Lifecycle,
} from '../../core/experiments.js';
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

  async create(given: { name: string; artifactLocation?: string; tags: readonly Tag[] }): Promise<string> {
    const { name, artifactLocation = null, tags } = given;
    try {
      const [{ id }] = await this.database.query<{ id: string }[]>(
        `with named as (select nextval(pg_get_serial_sequence('registry.experiments', 'experiment_id')) as id),
         made as (
           insert into registry.experiments (experiment_id, name, artifact_location, creation_time, last_update_time)
           select id, $1, coalesce($2, $3 || id), $4, $4 from named),
         tagged as (
           insert into registry.experiment_tags (experiment_id, key, value)
           select id, key, value from named, unnest($5::text[], $6::text[]) as given (key, value))
         select id from named`,
        [
          name,
          artifactLocation,
          experimentLocation(''),
          this.clock.now(),
          tags.map(({ key }) => key),
          tags.map(({ value }) => value),
        ],
      );
      return id;
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists(name);
      throw error;
    }
  }

  async get(id: string): Promise<Experiment> {
    const wanted = readExperimentId(id);
    const [found] = await this.load([wanted]);
    if ((found as Experiment | undefined) === undefined) throw unknownExperiment(wanted);
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
    const { id: known } = await this.mustBeActive(id);
    try {
      await this.database.guarded(() => this.repository().update({ id: known }, { name, updatedMs: this.clock.now() }));
    } catch (error) {
      if (isDuplicate(error)) throw alreadyExists(name);
      throw error;
    }
  }

  async setLifecycle(id: string, lifecycle: Lifecycle): Promise<void> {
    const { id: known } = await this.get(id);
    await this.database.transaction(async () => {
      const before = lifecycle === 'deleted' ? 'active' : 'deleted';
      const change = { lifecycle, updatedMs: this.clock.now() };
      const { affected } = await this.repository().update({ id: known, lifecycle: before }, change);
      if (!affected) throw unknownExperiment(known);
      await this.database.query('update registry.runs set lifecycle_stage = $2 where experiment_id = $1', [
        known,
        lifecycle,
      ]);
    });
  }

  async setTag(id: string, tag: Tag): Promise<void> {
    const { id: experimentId } = await this.mustBeActive(id);
    await this.database.guarded(() => this.tags().upsert({ ...tag, experimentId }, ['experimentId', 'key']));
  }

  async deleteTag(id: string, key: string): Promise<void> {
    const { id: experimentId } = await this.mustBeActive(id);
    const { affected } = await this.database.guarded(() => this.tags().delete({ experimentId, key }));
    if (!affected) throw new PlatformError('NOT_FOUND', `No tag with name: ${key} in experiment with id ${id}`);
  }

  private async mustBeActive(id: string): Promise<Experiment> {
    const found = await this.get(id);
    if (found.lifecycle !== 'active') throw inactiveExperiment(found.id, found.lifecycle);
    return found;
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
