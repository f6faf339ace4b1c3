import { int64Of } from '../../core/int64.js';
import type { Tag } from '../../core/paging.js';
import type { DatasetInput, Run, RunInfo } from '../../core/runs.js';
import type { RegistryDatabase } from './registry-database.js';

/** bigint comes as text, a list as JSON; no list for none. */
interface RunRow extends Omit<RunInfo, 'startMs' | 'endMs'> {
  startMs: string;
  endMs: string | null;
  metrics: [key: string, value: number | string, timestamp: string, step: string][] | null;
  params: [key: string, value: string][] | null;
  tags: [key: string, value: string][] | null;
  datasets: (Omit<DatasetInput, 'schema' | 'profile'> & { schema: string | null; profile: string | null })[] | null;
  inputs: string[] | null;
  outputs: [modelId: string, step: string][] | null;
}

const own = (what: string, table: string, order: string) =>
  `(select json_agg(${what} order by ${order}) from registry.${table} t where t.run_id = r.run_id)`;

const statement = `select r.run_id as "runId", r.name as "runName", r.experiment_id as "experimentId",
  r.user_id as "userId", r.status, r.start_time as "startMs", r.end_time as "endMs", r.artifact_uri as "artifactUri",
  r.lifecycle_stage as lifecycle,
  ${own('json_build_array(t.key, t.value, t.timestamp::text, t.step::text)', 'run_latest_metrics', 't.key')} as metrics,
  ${own('json_build_array(t.key, t.value)', 'run_params', 't.key')} as params,
  ${own('json_build_array(t.key, t.value)', 'run_tags', 't.key')} as tags,
  ${own(
    `json_build_object('name', t.name, 'digest', t.digest, 'sourceType', t.source_type, 'source', t.source,
      'schema', t.schema, 'profile', t.profile, 'tags', t.tags)`,
    'run_dataset_inputs',
    't.name, t.digest',
  )} as datasets,
  ${own('t.model_id', 'run_model_inputs', 't.model_id')} as inputs,
  ${own('json_build_array(t.model_id, t.step::text)', 'run_model_outputs', 't.model_id')} as outputs
  from unnest($1::text[]) with ordinality as asked (run_id, at) join registry.runs r on r.run_id = asked.run_id
  order by asked.at`;

/** Reads whole runs in one round trip, in the order of `ids`; those that are not there are left out. */
export const loadRuns = async (database: RegistryDatabase, ids: string[]): Promise<Run[]> => {
  if (ids.length === 0) return [];
  const rows = await database.prepared<RunRow>({ name: 'load-runs', text: statement, values: [ids] });
  return rows.map(runOf);
};

const runOf = ({ metrics, params, tags, datasets, inputs, outputs, ...info }: RunRow): Run => ({
  info: { ...info, startMs: int64Of(info.startMs), endMs: info.endMs === null ? null : int64Of(info.endMs) },
  metrics: (metrics ?? []).map(([key, value, timestamp, step]) => ({
    key,
    // NaN is a text in JSON.
    value: Number(value),
    timestampMs: int64Of(timestamp),
    step: int64Of(step),
  })),
  params: (params ?? []).map(tagOf),
  tags: (tags ?? []).map(tagOf),
  datasetInputs: (datasets ?? []).map(({ schema, profile, ...rest }) => ({
    ...rest,
    schema: schema ?? undefined,
    profile: profile ?? undefined,
  })),
  modelInputs: inputs ?? [],
  modelOutputs: (outputs ?? []).map(([modelId, step]) => ({ modelId, step: int64Of(step) })),
});

const tagOf = ([key, value]: [string, string]): Tag => ({ key, value });
