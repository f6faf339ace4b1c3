import { PlatformError } from '#runtime';
import { pageOf, type Page, type PageRequest, type Tag } from '../../core/paging.js';
import {
  MODEL_HISTORY_TAG,
  RUN_NAME_TAG,
  RunData,
  type DatasetInput,
  type Metric,
  type ModelOutput,
} from '../../core/runs.js';
import type { RegistryDatabase } from './registry-database.js';
import {
  RunDatasetInputEntity,
  RunEntity,
  RunModelInputEntity,
  RunModelOutputEntity,
  RunTagEntity,
} from './run.entity.js';
import { metricOf, mustBeActive } from './run-rows.js';

/** As the driver hands bigint over. */
type RawMetricRow = Omit<Parameters<typeof metricOf>[0], 'timestampMs' | 'step'> & {
  timestampMs: string;
  step: string;
};

export class PostgresRunData extends RunData {
  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  log(runId: string, data: { params: Tag[]; metrics: Metric[]; tags: Tag[] }): Promise<void> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      if (data.params.length > 0) await this.logParams(runId, data.params);
      if (data.metrics.length > 0) await this.logMetrics(runId, data.metrics);
      if (data.tags.length > 0) await this.setTags(runId, data.tags);
    });
  }

  async deleteTag(runId: string, key: string): Promise<void> {
    await mustBeActive(this.database, runId);
    const { affected } = await this.database.guarded(() =>
      this.database.repository(RunTagEntity).delete({ runId, key }),
    );
    if (!affected) throw new PlatformError('NOT_FOUND', `No tag with name: ${key} in run with id ${runId}`);
  }

  logModel(runId: string, entry: unknown): Promise<void> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      await this.database.query(
        `insert into registry.run_tags as known (run_id, key, value) values ($1, $2, jsonb_build_array($3::jsonb)::text)
         on conflict (run_id, key) do update set value = (known.value::jsonb || $3::jsonb)::text`,
        [runId, MODEL_HISTORY_TAG, JSON.stringify(entry)],
      );
    });
  }

  async metricHistory(runId: string, key: string, page: PageRequest): Promise<Page<Metric>> {
    const rows = await this.database.query<RawMetricRow[]>(
      `select key, value, timestamp as "timestampMs", step, model_id as "modelId",
              dataset_name as "datasetName", dataset_digest as "datasetDigest"
       from registry.run_metrics where run_id = $1 and key = $2
       order by timestamp, step, value limit $3 offset $4`,
      [runId, key, page.limit + 1, page.offset],
    );
    const numbers = rows.map((row) => ({ ...row, timestampMs: Number(row.timestampMs), step: Number(row.step) }));
    return pageOf(numbers.map(metricOf), page);
  }

  logInputs(runId: string, datasets: DatasetInput[], modelIds: string[]): Promise<void> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      for (const { schema, profile, ...dataset } of datasets)
        await this.database
          .repository(RunDatasetInputEntity)
          .upsert({ ...dataset, runId, schema: schema ?? null, profile: profile ?? null }, ['runId', 'name', 'digest']);
      for (const modelId of modelIds)
        await this.database.repository(RunModelInputEntity).upsert({ runId, modelId }, ['runId', 'modelId']);
    });
  }

  logOutputs(runId: string, outputs: ModelOutput[]): Promise<void> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      for (const output of outputs)
        await this.database.repository(RunModelOutputEntity).upsert({ ...output, runId }, ['runId', 'modelId']);
    });
  }

  private async logParams(runId: string, params: Tag[]): Promise<void> {
    const columns = [runId, params.map(({ key }) => key), params.map(({ value }) => value)];
    await this.database.query(
      `insert into registry.run_params (run_id, key, value)
       select $1, key, value from unnest($2::text[], $3::text[]) as new (key, value) order by key on conflict do nothing`,
      columns,
    );
    const changed = await this.database.query<{ key: string; old: string; new: string }[]>(
      `select new.key, known.value as old, new.value as new
       from unnest($2::text[], $3::text[]) as new (key, value)
       join registry.run_params known on known.run_id = $1 and known.key = new.key and known.value <> new.value`,
      columns,
    );
    if (changed.length > 0) throw changedParams(runId, changed, params.length === 1);
  }

  /** The history first, then the latest of each key: the greatest by (step, timestamp, value). Keys in order: no deadlock. */
  private async logMetrics(runId: string, metrics: Metric[]): Promise<void> {
    const source = `select $1::text as run_id, m.* from unnest($2::text[], $3::double precision[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[])
      as m (key, value, timestamp, step, model_id, dataset_name, dataset_digest)`;
    const columns = [
      runId,
      metrics.map(({ key }) => key),
      metrics.map(({ value }) => String(value)),
      metrics.map(({ timestampMs }) => timestampMs),
      metrics.map(({ step }) => step),
      metrics.map(({ modelId }) => modelId ?? null),
      metrics.map(({ datasetName }) => datasetName ?? null),
      metrics.map(({ datasetDigest }) => datasetDigest ?? null),
    ];
    const names = 'run_id, key, value, timestamp, step, model_id, dataset_name, dataset_digest';
    await this.database.query(
      `insert into registry.run_metrics (${names}) select ${names} from (${source}) given on conflict do nothing`,
      columns,
    );
    await this.database.query(
      `insert into registry.run_latest_metrics as latest (${names})
       select distinct on (key) ${names} from (${source}) given order by key, step desc, timestamp desc, value desc
       on conflict (run_id, key) do update set value = excluded.value, timestamp = excluded.timestamp, step = excluded.step,
         model_id = coalesce(excluded.model_id, latest.model_id), dataset_name = excluded.dataset_name,
         dataset_digest = excluded.dataset_digest
       where (excluded.step, excluded.timestamp, excluded.value) >= (latest.step, latest.timestamp, latest.value)`,
      columns,
    );
  }

  private async setTags(runId: string, tags: Tag[]): Promise<void> {
    const last = new Map(tags.map(({ key, value }) => [key, value]));
    const rows = [...last].sort().map(([key, value]) => ({ runId, key, value }));
    await this.database.repository(RunTagEntity).upsert(rows, ['runId', 'key']);
    const runName = last.get(RUN_NAME_TAG);
    if (runName !== undefined) await this.database.repository(RunEntity).update({ runId }, { runName });
  }
}

const changedParams = (runId: string, changed: { key: string; old: string; new: string }[], single: boolean) => {
  const [first] = changed;
  const list = changed.map((p) => `{'key': '${p.key}', 'old_value': '${p.old}', 'new_value': '${p.new}'}`).join(', ');
  const what = single
    ? `Param with key='${first.key}' was already logged with value='${first.old}' for run ID='${runId}'. Attempted logging new value '${first.new}'.`
    : `Params were already logged='[${list}]' for run ID='${runId}'.`;
  return new PlatformError('REQUEST_INVALID', `Changing param values is not allowed. ${what}`);
};
