import { PlatformError } from '#runtime';
import { readExperimentId } from '../../core/experiments.js';
import type { Tag } from '../../core/paging.js';
import { pythonRepr } from '../../core/python-text.js';
import {
  DATASET_CONTEXT_TAG,
  MODEL_HISTORY_TAG,
  RunData,
  type DatasetInput,
  type DatasetSummary,
  type Metric,
  type ModelOutput,
} from '../../core/runs.js';
import { isNulled, isUnknownReference } from './database-errors.js';
import type { LogCommand } from './log-statement.js';
import type { LogWriter } from './log-writer.js';
import type { RegistryDatabase } from './registry-database.js';
import { RunDatasetInputEntity, RunModelInputEntity, RunTagEntity } from './run.entity.js';
import { mustBeActive } from './run-rows.js';

export class PostgresRunData extends RunData {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly writer: LogWriter,
  ) {
    super();
  }

  log(runId: string, data: { params: Tag[]; metrics: Metric[]; tags: Tag[] }): Promise<void> {
    return this.write({ runId, ...data }, (changed) => {
      const entries = changed.map(({ key, old, wanted }) => {
        const facts = [
          `'key': ${pythonRepr(key)}`,
          `'old_value': ${pythonRepr(old)}`,
          `'new_value': ${pythonRepr(wanted)}`,
        ];
        return `{${facts.join(', ')}}`;
      });
      return `Params were already logged='[${entries.join(', ')}]' for run ID='${runId}'.`;
    });
  }

  logParam(runId: string, param: Tag): Promise<void> {
    return this.write({ runId, params: [param], metrics: [], tags: [] }, ([{ key, old, wanted }]) => {
      return `Param with key='${key}' was already logged with value='${old}' for run ID='${runId}'. Attempted logging new value '${wanted}'.`;
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

  logInputs(runId: string, datasets: DatasetInput[], modelIds: string[]): Promise<void> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      const rows = datasets.map(({ schema = null, profile = null, ...rest }) => ({ ...rest, runId, schema, profile }));
      if (rows.length > 0) await this.insertOnce(RunDatasetInputEntity, rows);
      if (modelIds.length > 0)
        await this.insertOnce(
          RunModelInputEntity,
          modelIds.map((modelId) => ({ runId, modelId })),
        );
    });
  }

  logOutputs(runId: string, outputs: ModelOutput[]): Promise<void> {
    return this.database.transaction(async () => {
      await mustBeActive(this.database, runId);
      // The same again is fine: a client whose answer was lost says it twice.
      const changed = await this.database.query<{ model_id: string }[]>(
        `with given as (select model_id, step from unnest($2::text[], $3::bigint[]) as given (model_id, step)),
         made as (
           insert into registry.run_model_outputs (run_id, model_id, step)
           select $1, model_id, min(step) from given group by model_id order by model_id on conflict do nothing)
         select known.model_id from given join registry.run_model_outputs known on known.run_id = $1
           and known.model_id = given.model_id and known.step <> given.step`,
        [runId, outputs.map(({ modelId }) => modelId), outputs.map(({ step }) => step)],
      );
      if (changed.length > 0)
        throw new PlatformError(
          'ALREADY_EXISTS',
          `The model ${changed[0].model_id} is an output of run ${runId} already, at another step.`,
        );
    });
  }

  datasetsOf(experimentIds: readonly string[]): Promise<DatasetSummary[]> {
    return this.database.query(
      `select distinct r.experiment_id as "experimentId", d.name, d.digest, context.value as context
       from registry.runs r join registry.run_dataset_inputs d using (run_id)
       left join lateral (
         select tag ->> 'value' as value from jsonb_array_elements(d.tags) tag where tag ->> 'key' = $2 limit 1
       ) context on true
       where r.experiment_id = any($1::bigint[]) order by 1, 2, 3, 4 limit 1000`,
      [experimentIds.map(readExperimentId), DATASET_CONTEXT_TAG],
    );
  }

  private async insertOnce(entity: typeof RunDatasetInputEntity | typeof RunModelInputEntity, rows: object[]) {
    await this.database.repository(entity).createQueryBuilder().insert().values(rows).orIgnore().execute();
  }

  private async write(command: LogCommand, sayChanged: (changed: Changed[]) => string): Promise<void> {
    try {
      await this.writer.write(command);
    } catch (error) {
      if (isNulled(error)) {
        const changed = await this.changedParams(command);
        throw new PlatformError(
          'REQUEST_INVALID',
          `Changing param values is not allowed. ${sayChanged(changed)}`,
          error,
        );
      }
      if (isUnknownReference(error)) throw await this.unknownModel(command, error);
      throw error;
    }
  }

  private async changedParams({ runId, params }: LogCommand): Promise<Changed[]> {
    const known = await this.database.query<Tag[]>(
      'select key, value from registry.run_params where run_id = $1 and key = any($2)',
      [runId, params.map(({ key }) => key)],
    );
    const values = new Map(known.map(({ key, value }) => [key, value]));
    return params.flatMap(({ key, value }) => {
      const old = values.get(key);
      return old === undefined || old === value ? [] : [{ key, old, wanted: value }];
    });
  }

  private async unknownModel({ metrics }: LogCommand, cause: unknown): Promise<PlatformError> {
    const named = [...new Set(metrics.flatMap(({ modelId }) => modelId ?? []))];
    const unknown = await this.database.query<{ id: string }[]>(
      `select id from unnest($1::text[]) as given (id)
       where not exists (select 1 from registry.logged_models where model_id = given.id)`,
      [named],
    );
    const ids = unknown.map(({ id }) => `'${id}'`).join(', ');
    return new PlatformError('NOT_FOUND', `Logged model with ID ${ids} not found.`, cause);
  }
}

interface Changed {
  key: string;
  old: string;
  wanted: string;
}
