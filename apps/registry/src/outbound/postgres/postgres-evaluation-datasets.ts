import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import {
  EvaluationDatasets,
  type EvaluationDataset,
  type EvaluationDatasetQuery,
  type RecordChange,
  type RecordCursor,
} from '../../core/evaluation-datasets.js';
import type { DatasetRecord } from '../../core/dataset-records.js';
import { datasetDigest } from '../../core/merge-records.js';
import type { Page, Tag } from '../../core/paging.js';
import { recordOf, rowOf } from './evaluation-dataset-rows.js';
import { searchEvaluationDatasets } from './evaluation-dataset-search.js';
import { DatasetRecordEntity, EvaluationDatasetEntity } from './evaluation-dataset.entity.js';
import type { RegistryDatabase } from './registry-database.js';

/** Rows per statement: Postgres takes 65,535 parameters. */
const CHUNK = 1000;

export class PostgresEvaluationDatasets extends EvaluationDatasets {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  create(given: { name: string; tags: Tag[]; experimentIds: string[] }): Promise<EvaluationDataset> {
    return this.database.transaction(async () => {
      const { name, tags, experimentIds } = given;
      const datasetId = `d-${randomUUID().replaceAll('-', '')}`;
      const now = this.clock.now();
      const user = tags.findLast(({ key }) => key === 'mlflow.user')?.value ?? null;
      const digest = datasetDigest(name, now);
      const times = { createdMs: now, updatedMs: now, createdBy: user, updatedBy: user };
      await this.datasets().insert({ datasetId, name, digest, schema: null, profile: null, ...times });
      await this.upsertTags(datasetId, tags);
      await this.join(datasetId, experimentIds);
      return this.get(datasetId);
    });
  }

  async get(datasetId: string): Promise<EvaluationDataset> {
    const [found] = await this.load([datasetId]);
    if ((found as EvaluationDataset | undefined) === undefined)
      throw new PlatformError('NOT_FOUND', `Evaluation dataset with id '${datasetId}' not found`);
    return found;
  }

  async search(query: EvaluationDatasetQuery): Promise<Page<EvaluationDataset>> {
    const page = await searchEvaluationDatasets(this.database, query);
    return { ...page, items: await this.load(page.items.map(({ id }) => id)) };
  }

  async delete(datasetId: string): Promise<void> {
    await this.database.guarded(() => this.datasets().delete({ datasetId }));
  }

  setTags(datasetId: string, tags: Tag[]): Promise<void> {
    return this.database.transaction(async () => {
      await this.lock(datasetId, `Could not find evaluation dataset with ID ${datasetId}`);
      await this.upsertTags(datasetId, tags);
    });
  }

  async deleteTag(datasetId: string, key: string): Promise<void> {
    await this.database.query('delete from registry.evaluation_dataset_tags where dataset_id = $1 and key = $2', [
      datasetId,
      key,
    ]);
  }

  async experimentIds(datasetId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }[]>(
      `select experiment_id as id from registry.evaluation_dataset_experiments where dataset_id = $1 order by position`,
      [datasetId],
    );
    return rows.map(({ id }) => id);
  }

  addToExperiments(datasetId: string, experimentIds: string[]): Promise<EvaluationDataset> {
    return this.database.transaction(async () => {
      await this.lock(datasetId, `Dataset '${datasetId}' not found`);
      const known = await this.database.query<{ id: string }[]>(
        'select experiment_id::text as id from registry.experiments where experiment_id::text = any($1)',
        [experimentIds],
      );
      const missing = experimentIds.find((id) => known.every((experiment) => experiment.id !== id));
      if (missing !== undefined) throw new PlatformError('NOT_FOUND', `No Experiment with id=${missing}`);
      await this.join(datasetId, experimentIds);
      await this.datasets().update({ datasetId }, { updatedMs: this.clock.now() });
      return this.get(datasetId);
    });
  }

  removeFromExperiments(datasetId: string, experimentIds: string[]): Promise<EvaluationDataset> {
    return this.database.transaction(async () => {
      await this.lock(datasetId, `Dataset '${datasetId}' not found`);
      const [, removed] = await this.database.query<[unknown[], number]>(
        'delete from registry.evaluation_dataset_experiments where dataset_id = $1 and experiment_id = any($2)',
        [datasetId, experimentIds],
      );
      if (removed > 0) await this.datasets().update({ datasetId }, { updatedMs: this.clock.now() });
      return this.get(datasetId);
    });
  }

  async records(
    datasetId: string,
    { limit, after }: { limit: number; after?: RecordCursor },
  ): Promise<{ items: DatasetRecord[]; next?: RecordCursor }> {
    const rows = await this.database.guarded(() => {
      const found = this.entries().createQueryBuilder('r').where('r.datasetId = :datasetId', { datasetId });
      if (after !== undefined) found.andWhere('(r.createdMs, r.recordId) > (:createdMs, :recordId)', after);
      return found
        .orderBy({ 'r.createdMs': 'ASC', 'r.recordId': 'ASC' })
        .limit(limit + 1)
        .getMany();
    });
    const items = rows.slice(0, limit).map(recordOf);
    return { items, ...(rows.length > limit && { next: items.at(-1) }) };
  }

  changeRecords(datasetId: string, hashes: string[], change: RecordChange): Promise<void> {
    return this.database.transaction(async () => {
      await this.lock(datasetId, `Evaluation dataset with id '${datasetId}' not found`);
      const rows = await this.entries().find({ where: { datasetId, inputHash: In(hashes) } });
      const known = new Map(rows.map((row) => [row.inputHash, recordOf(row)]));
      const now = this.clock.now();
      const { inserted, updated, dataset } = change(await this.get(datasetId), known, now);
      const changed = [...inserted, ...updated].map((record) => rowOf(datasetId, record));
      for (let at = 0; at < changed.length; at += CHUNK)
        await this.entries().upsert(changed.slice(at, at + CHUNK), ['datasetId', 'createdMs', 'recordId']);
      const count = await this.entries().countBy({ datasetId });
      const profile = count === 0 ? {} : { profile: profileOf(count) };
      await this.datasets().update({ datasetId }, { ...dataset, ...profile, updatedMs: now });
    });
  }

  deleteRecords(datasetId: string, recordIds: string[]): Promise<number> {
    return this.database.transaction(async () => {
      await this.database.query('select 1 from registry.evaluation_datasets where dataset_id = $1 for update', [
        datasetId,
      ]);
      const { affected } = await this.entries().delete({ datasetId, recordId: In(recordIds) });
      const deleted = affected ?? 0;
      if (deleted === 0) return 0;
      const left = await this.entries().countBy({ datasetId });
      await this.datasets().update({ datasetId }, { profile: left === 0 ? 'null' : profileOf(left) });
      return deleted;
    });
  }

  private load(ids: string[]): Promise<EvaluationDataset[]> {
    return this.database.guarded(async () => {
      const found = await this.datasets().findBy({ datasetId: In(ids) });
      const tags = await this.database.query<(Tag & { id: string })[]>(
        `select dataset_id as id, key, value from registry.evaluation_dataset_tags where dataset_id = any($1) order by position`,
        [ids],
      );
      return ids.flatMap((id) => {
        const own = tags.filter((tag) => tag.id === id).map(({ key, value }) => ({ key, value }));
        return found.filter(({ datasetId }) => datasetId === id).map((row) => Object.assign(row, { tags: own }));
      });
    });
  }

  private async lock(datasetId: string, otherwise: string): Promise<void> {
    const held = await this.database.query<unknown[]>(
      'select 1 from registry.evaluation_datasets where dataset_id = $1 for update',
      [datasetId],
    );
    if (held.length === 0) throw new PlatformError('NOT_FOUND', otherwise);
  }

  private async upsertTags(datasetId: string, tags: Tag[]): Promise<void> {
    const unique = [...new Map(tags.map(({ key, value }) => [key, value]))];
    await this.database.query(
      `insert into registry.evaluation_dataset_tags (dataset_id, key, value)
       select $1, given.key, given.value from unnest($2::text[], $3::text[]) with ordinality as given (key, value, at) order by at
       on conflict (dataset_id, key) do update set value = excluded.value`,
      [datasetId, unique.map(([key]) => key), unique.map(([, value]) => value)],
    );
  }

  private async join(datasetId: string, experimentIds: string[]): Promise<void> {
    await this.database.query(
      `insert into registry.evaluation_dataset_experiments (dataset_id, experiment_id)
       select $1, given.id from unnest($2::text[]) with ordinality as given (id, at) order by at on conflict do nothing`,
      [datasetId, experimentIds],
    );
  }

  private datasets() {
    return this.database.repository(EvaluationDatasetEntity);
  }

  private entries() {
    return this.database.repository(DatasetRecordEntity);
  }
}

const profileOf = (count: number): string => `{"num_records": ${String(count)}}`;
