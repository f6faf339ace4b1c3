import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import { loggedModelLocation } from '../../core/artifact-locations.js';
import type { Experiments } from '../../core/experiments.js';
import {
  LoggedModels,
  type LoggedModel,
  type LoggedModelStatus,
  type NewLoggedModel,
} from '../../core/logged-models.js';
import type { OrderBy } from '../../core/order-by.js';
import { pageOf, type Page, type PageRequest, type Tag } from '../../core/paging.js';
import type { Comparison } from '../../core/search-filter.js';
import { LoggedModelEntity, LoggedModelParamEntity, LoggedModelTagEntity } from './logged-model.entity.js';
import type { RegistryDatabase } from './registry-database.js';
import { metricOf } from './run-rows.js';
import { Conditions, orderSql, type SearchSpec } from './search-sql.js';

const spec: SearchSpec = {
  columns: {
    name: { sql: 'm.name', type: 'text' },
    model_id: { sql: 'm.model_id', type: 'text' },
    status: { sql: 'm.status', type: 'text' },
    model_type: { sql: 'm.model_type', type: 'text' },
    source_run_id: { sql: 'm.source_run_id', type: 'text' },
    creation_timestamp: { sql: 'm.creation_time', type: 'number' },
    last_updated_timestamp: { sql: 'm.last_update_time', type: 'number' },
  },
  tags: 'exists (select 1 from registry.logged_model_tags t where t.model_id = m.model_id',
};
const orders = Object.fromEntries(Object.entries(spec.columns).map(([key, { sql }]) => [key, sql]));

type MetricRow = Parameters<typeof metricOf>[0] & { runId: string };
/** As the driver hands bigint over. */
type RawMetricRow = Omit<MetricRow, 'timestampMs' | 'step'> & { timestampMs: string; step: string };

export class PostgresLoggedModels extends LoggedModels {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly experiments: Experiments,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(given: NewLoggedModel): Promise<LoggedModel> {
    const experiment = await this.experiments.get(given.experimentId);
    const modelId = `m-${randomUUID().replaceAll('-', '')}`;
    const now = this.clock.now();
    await this.database.transaction(async () => {
      await this.models().insert({
        modelId,
        experimentId: experiment.id,
        name: given.name,
        status: 'LOGGED_MODEL_PENDING',
        statusMessage: null,
        modelType: given.modelType ?? null,
        sourceRunId: given.sourceRunId ?? null,
        artifactUri: loggedModelLocation(experiment.artifactLocation, modelId),
        createdMs: now,
        updatedMs: now,
        lifecycle: 'active',
      });
      await this.upsertTags(modelId, given.tags);
      await this.upsertParams(modelId, given.params);
    });
    return this.get(modelId);
  }

  async get(modelId: string): Promise<LoggedModel> {
    const [found] = await this.load([modelId]);
    if ((found as LoggedModel | undefined) === undefined)
      throw new PlatformError('NOT_FOUND', `Logged model with ID '${modelId}' not found.`);
    return found;
  }

  async finalize(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    await this.get(modelId);
    await this.database.guarded(() => this.models().update({ modelId }, { status, updatedMs: this.clock.now() }));
    return this.get(modelId);
  }

  async delete(modelId: string): Promise<void> {
    await this.get(modelId);
    await this.database.guarded(() =>
      this.models().update({ modelId }, { lifecycle: 'deleted', updatedMs: this.clock.now() }),
    );
  }

  async setTags(modelId: string, tags: Tag[]): Promise<LoggedModel> {
    await this.get(modelId);
    await this.database.guarded(() => this.upsertTags(modelId, tags));
    return this.get(modelId);
  }

  async deleteTag(modelId: string, key: string): Promise<void> {
    await this.get(modelId);
    const tags = this.database.repository(LoggedModelTagEntity);
    const { affected } = await this.database.guarded(() => tags.delete({ modelId, key }));
    if (!affected)
      throw new PlatformError('NOT_FOUND', `No tag with key '${key}' found for logged model '${modelId}'.`);
  }

  async logParams(modelId: string, params: Tag[]): Promise<void> {
    await this.get(modelId);
    await this.database.guarded(() => this.upsertParams(modelId, params));
  }

  async search(
    query: { experimentIds: string[]; filter: Comparison[]; orderBy: OrderBy[] } & PageRequest,
  ): Promise<Page<LoggedModel>> {
    const conditions = new Conditions();
    const ids = query.experimentIds.filter((id) => /^\d{1,18}$/.test(id));
    conditions.add(`m.experiment_id = any(${conditions.parameter(ids)}::bigint[])`);
    conditions.add(`m.lifecycle_stage = 'active'`);
    conditions.addFilter(query.filter, spec);
    const rows = await this.database.query<{ id: string }[]>(
      `select m.model_id as id from registry.logged_models m where ${conditions.where()}
       order by ${orderSql(query.orderBy, orders, 'm.creation_time desc, m.model_id')}
       limit ${conditions.parameter(query.limit + 1)} offset ${conditions.parameter(query.offset)}`,
      conditions.parameters,
    );
    const page = pageOf(rows, query);
    return { ...page, items: await this.load(page.items.map(({ id }) => id)) };
  }

  private load(ids: string[]): Promise<LoggedModel[]> {
    return this.database.guarded(async () => {
      if (ids.length === 0) return [];
      const models = await this.models().findBy({ modelId: In(ids), lifecycle: 'active' });
      const of = { where: { modelId: In(ids) }, order: { key: 'ASC' } } as const;
      const tags = await this.database.repository(LoggedModelTagEntity).find(of);
      const params = await this.database.repository(LoggedModelParamEntity).find(of);
      const metrics = await this.metricsOf(ids);
      return ids.flatMap((id) => {
        const model: Omit<LoggedModel, 'tags' | 'params' | 'metrics'> | undefined = models.find(
          ({ modelId }) => modelId === id,
        );
        const own = <T extends { modelId: string }>(rows: T[]) => rows.filter(({ modelId }) => modelId === id);
        if (model === undefined) return [];
        const logged = metrics
          .filter(({ modelId }) => modelId === id)
          .map((row) => ({ ...metricOf(row), runId: row.runId }));
        return [{ ...model, tags: own(tags), params: own(params), metrics: logged }];
      });
    });
  }

  private async metricsOf(ids: string[]): Promise<MetricRow[]> {
    const rows = await this.database.query<RawMetricRow[]>(
      `select distinct on (model_id, key, run_id, dataset_name, dataset_digest) run_id as "runId", key, value,
         timestamp as "timestampMs", step, model_id as "modelId", dataset_name as "datasetName", dataset_digest as "datasetDigest"
       from registry.run_metrics where model_id = any($1)
       order by model_id, key, run_id, dataset_name, dataset_digest, step desc, timestamp desc, value desc`,
      [ids],
    );
    return rows.map((row) => ({ ...row, timestampMs: Number(row.timestampMs), step: Number(row.step) }));
  }

  private async upsertTags(modelId: string, tags: Tag[]): Promise<void> {
    const rows = [...new Map(tags.map(({ key, value }) => [key, value]))].map(([key, value]) => ({
      modelId,
      key,
      value,
    }));
    if (rows.length > 0) await this.database.repository(LoggedModelTagEntity).upsert(rows, ['modelId', 'key']);
  }

  private async upsertParams(modelId: string, params: Tag[]): Promise<void> {
    const rows = [...new Map(params.map(({ key, value }) => [key, value]))].map(([key, value]) => ({
      modelId,
      key,
      value,
    }));
    if (rows.length > 0) await this.database.repository(LoggedModelParamEntity).upsert(rows, ['modelId', 'key']);
  }

  private models() {
    return this.database.repository(LoggedModelEntity);
  }
}
