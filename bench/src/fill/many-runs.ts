import { runSql } from '../servers/databases.js';
import type { Side } from '../servers/side.js';

/** Finished runs, each with 5 params, 5 metrics and 4 tags: the same in both schemas, ids included. */
export const fillWithRuns = async (side: Side, experimentId: string, count: number): Promise<void> => {
  if (!/^\d+$/.test(experimentId)) throw new Error(`Not an experiment: ${experimentId}`);
  const statements = side.name === 'baton' ? intoBaton(experimentId, count) : intoMlflow(experimentId, count);
  for (const statement of statements) await runSql(side.databaseUrl, statement);
  await runSql(side.databaseUrl, 'vacuum analyze');
};

/** Run `i` of the series; times are spread so that no two are alike and the ids tell nothing about them. */
const series = (count: number) => `generate_series(0, ${String(count - 1)}) i`;
const runId = `md5('run' || i)`;
const startTime = `(1700000000000 + (i::bigint * 7919 % 1000003) * 1000)`;
const name = `'run-' || i`;

/** 0..1, no two of one metric alike. */
const value = `((i::bigint * 48271 + k * 7177) % 1000003) / 1000003.0::double precision`;
const param = `case k when 0 then 'v' || (i % 10) when 1 then (i % 100)::text when 2 then md5('p' || i) when 3 then 'adam' else (0.1 / (1 + i % 50))::text end`;
const tagKey = `(array['mlflow.runName', 'mlflow.user', 'team', 'note'])[k + 1]`;
const tagValue = `case k when 0 then ${name} when 1 then 'bench' when 2 then 't' || (i % 7) else md5('n' || i) end`;
const upTo = (k: number) => `generate_series(0, ${String(k - 1)}) k`;

const intoBaton = (experiment: string, count: number): string[] => {
  const from = series(count);
  return [
    `insert into registry.runs (run_id, experiment_id, name, user_id, status, start_time, end_time, artifact_uri)
     select ${runId}, ${experiment}, ${name}, 'bench', 'FINISHED', ${startTime}, ${startTime} + 60000, 'mlflow-artifacts:/' || ${experiment} || '/' || ${runId} || '/artifacts' from ${from}`,
    `insert into registry.run_params (run_id, key, value) select ${runId}, 'p' || k, ${param} from ${from}, ${upTo(5)}`,
    ...['run_metrics', 'run_latest_metrics'].map(
      (table) =>
        `insert into registry.${table} (run_id, key, value, timestamp, step) select ${runId}, 'm' || k, ${value}, ${startTime}, 1 from ${from}, ${upTo(5)}`,
    ),
    `insert into registry.run_tags (run_id, key, value) select ${runId}, ${tagKey}, ${tagValue} from ${from}, ${upTo(4)}`,
  ];
};

const intoMlflow = (experiment: string, count: number): string[] => {
  const from = series(count);
  return [
    `insert into runs (run_uuid, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage, source_type, source_name, entry_point_name, source_version)
     select ${runId}, ${experiment}, ${name}, 'bench', 'FINISHED', ${startTime}, ${startTime} + 60000, 'mlflow-artifacts:/' || ${experiment} || '/' || ${runId} || '/artifacts', 'active', 'UNKNOWN', '', '', '' from ${from}`,
    `insert into params (run_uuid, key, value) select ${runId}, 'p' || k, ${param} from ${from}, ${upTo(5)}`,
    ...['metrics', 'latest_metrics'].map(
      (table) =>
        `insert into ${table} (run_uuid, key, value, timestamp, step, is_nan) select ${runId}, 'm' || k, ${value}, ${startTime}, 1, false from ${from}, ${upTo(5)}`,
    ),
    `insert into tags (run_uuid, key, value) select ${runId}, ${tagKey}, ${tagValue} from ${from}, ${upTo(4)}`,
  ];
};
