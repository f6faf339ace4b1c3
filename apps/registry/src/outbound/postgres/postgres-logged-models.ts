import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import { loggedModelLocation } from '../../core/artifact-locations.js';
import type { Experiments } from '../../core/experiments.js';
import { int64Of } from '../../core/int64.js';
import {
  LoggedModels,
  type LoggedModel,
  type LoggedModelQuery,
  type LoggedModelStatus,
  type NewLoggedModel,
} from '../../core/logged-models.js';
import type { Page, Tag } from '../../core/paging.js';
import { searchLoggedModels } from './logged-model-search.js';
import { LoggedModelEntity, LoggedModelParamEntity, LoggedModelTagEntity } from './logged-model.entity.js';
import type { RegistryDatabase } from './registry-database.js';

interface MetricRow {
  modelId: string;
  runId: string;
  key: string;
  value: number;
  timestampMs: string;
  step: string;
  datasetName: string | null;
  datasetDigest: string | null;
}

const metricOf = ({ timestampMs, step, datasetName, datasetDigest, ...row }: MetricRow) => ({
  ...row,
  timestampMs: int64Of(timestampMs),
  step: int64Of(step),
  datasetName: datasetName ?? undefined,
  datasetDigest: datasetDigest ?? undefined,
});

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
    if ((found as LoggedModel | undefined) === undefined) throw missing(modelId);
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

  async changeTag(modelId: string, key: string, change: (value: string | undefined) => string): Promise<void> {
    await this.database.transaction(async () => {
      const held = await this.database.query<unknown[]>(
        `select 1 from registry.logged_models where model_id = $1 for update`,
        [modelId],
      );
      if (held.length === 0) throw missing(modelId);
      const tags = this.database.repository(LoggedModelTagEntity);
      const value = change((await tags.findOneBy({ modelId, key }))?.value);
      await tags.upsert({ modelId, key, value }, ['modelId', 'key']);
    });
  }

  async logParams(modelId: string, params: Tag[]): Promise<void> {
    await this.get(modelId);
    await this.database.guarded(() => this.upsertParams(modelId, params));
  }

  async search(query: LoggedModelQuery): Promise<Page<LoggedModel>> {
    const page = await searchLoggedModels(this.database, query);
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
        const logged = metrics.filter(({ modelId }) => modelId === id).map(metricOf);
        return [{ ...model, tags: own(tags), params: own(params), metrics: logged }];
      });
    });
  }

  private metricsOf(ids: string[]): Promise<MetricRow[]> {
    return this.database.query<MetricRow[]>(
      `select distinct on (model_id, key, run_id, dataset_name, dataset_digest) run_id as "runId", key, value,
         timestamp as "timestampMs", step, model_id as "modelId", dataset_name as "datasetName", dataset_digest as "datasetDigest"
       from registry.logged_model_metrics where model_id = any($1)
       order by model_id, key, run_id, dataset_name, dataset_digest, step desc, timestamp desc, value desc`,
      [ids],
    );
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

const missing = (modelId: string): PlatformError =>
  new PlatformError('NOT_FOUND', `Logged model with ID '${modelId}' not found.`);
