import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { PlatformError, type Clock } from '#runtime';
import { loggedModelLocation } from '../../core/artifact-locations.js';
import type { Experiments, Lifecycle } from '../../core/experiments.js';
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
    if (experiment.lifecycle !== 'active')
      throw new PlatformError(
        'REQUEST_INVALID',
        `The experiment ${experiment.id} must be in the 'active' state. Current state is ${experiment.lifecycle}.`,
      );
    const modelId = `m-${randomUUID().replaceAll('-', '')}`;
    const now = this.clock.now();
    return this.database.transaction(async () => {
      await this.models().insert({
        modelId,
        experimentId: experiment.id,
        name: given.name,
        status: 'LOGGED_MODEL_PENDING',
        statusMessage: null,
        modelType: given.modelType ?? '',
        sourceRunId: given.sourceRunId ?? '',
        artifactUri: loggedModelLocation(experiment.artifactLocation, modelId),
        createdMs: now,
        updatedMs: now,
        lifecycle: 'active',
      });
      await this.upsertTags(modelId, given.tags);
      await this.insertParams(modelId, given.params);
      return this.get(modelId);
    });
  }

  async get(modelId: string, { deletedToo } = { deletedToo: false }): Promise<LoggedModel> {
    const [found] = await this.load([modelId], deletedToo ? ['active', 'deleted'] : ['active']);
    if ((found as LoggedModel | undefined) === undefined) throw missing(modelId);
    return found;
  }

  producedBy(runId: string): Promise<Pick<LoggedModel, 'name' | 'artifactUri'>[]> {
    const where = { sourceRunId: runId, lifecycle: 'active' } as const;
    return this.database.guarded(() => this.models().find({ where, order: { createdMs: 'DESC', modelId: 'ASC' } }));
  }

  finalize(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    return this.change(modelId, { status });
  }

  async delete(modelId: string): Promise<void> {
    await this.change(modelId, { lifecycle: 'deleted' });
  }

  setTags(modelId: string, tags: Tag[]): Promise<void> {
    return this.holding(modelId, () => this.upsertTags(modelId, tags));
  }

  deleteTag(modelId: string, key: string): Promise<void> {
    return this.holding(modelId, async () => {
      const { affected } = await this.database.repository(LoggedModelTagEntity).delete({ modelId, key });
      if (!affected)
        throw new PlatformError('NOT_FOUND', `No tag with key '${key}' found for model with ID '${modelId}'.`);
    });
  }

  async changeTag(modelId: string, key: string, change: (value: string | undefined) => string): Promise<void> {
    await this.database.transaction(async () => {
      await this.lock(modelId, 'update');
      const tags = this.database.repository(LoggedModelTagEntity);
      const value = change((await tags.findOneBy({ modelId, key }))?.value);
      await tags.upsert({ modelId, key, value }, ['modelId', 'key']);
    });
  }

  logParams(modelId: string, params: Tag[]): Promise<void> {
    return this.holding(modelId, () => this.insertParams(modelId, params));
  }

  async search(query: LoggedModelQuery): Promise<Page<LoggedModel>> {
    const page = await searchLoggedModels(this.database, query);
    return { ...page, items: await this.load(page.items.map(({ id }) => id)) };
  }

  private load(ids: string[], lifecycles: Lifecycle[] = ['active']): Promise<LoggedModel[]> {
    return this.database.guarded(async () => {
      if (ids.length === 0) return [];
      const models = await this.models().findBy({ modelId: In(ids), lifecycle: In(lifecycles) });
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

  private async insertParams(modelId: string, params: Tag[]): Promise<void> {
    if (params.length === 0) return;
    const keys = params.map(({ key }) => key);
    const made = await this.database.query<unknown[]>(
      `insert into registry.logged_model_params (model_id, key, value)
       select $1, given.key, given.value from unnest($2::text[], $3::text[]) as given (key, value)
       on conflict do nothing returning key`,
      [modelId, keys, params.map(({ value }) => value)],
    );
    if (made.length < params.length)
      throw new PlatformError(
        'REQUEST_INVALID',
        `Changing param values is not allowed. One of the params ${keys.map((key) => `'${key}'`).join(', ')} was already logged for model ID='${modelId}', or is there twice.`,
      );
  }

  private async change(
    modelId: string,
    set: { status?: LoggedModelStatus; lifecycle?: Lifecycle },
  ): Promise<LoggedModel> {
    const updatedMs = this.clock.now();
    const { affected } = await this.database.guarded(() => this.models().update({ modelId }, { ...set, updatedMs }));
    if (!affected) throw missing(modelId);
    return this.get(modelId, { deletedToo: true });
  }

  /** Runs `work` on a logged model that is there, deleted or not, and stays there meanwhile. */
  private holding<T>(modelId: string, work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.lock(modelId, 'key share');
      return work();
    });
  }

  private async lock(modelId: string, strength: 'update' | 'key share'): Promise<void> {
    const held = await this.database.query<unknown[]>(
      `select 1 from registry.logged_models where model_id = $1 for ${strength}`,
      [modelId],
    );
    if (held.length === 0) throw missing(modelId);
  }

  private models() {
    return this.database.repository(LoggedModelEntity);
  }
}

const missing = (modelId: string): PlatformError =>
  new PlatformError('NOT_FOUND', `Logged model with ID '${modelId}' not found.`);
