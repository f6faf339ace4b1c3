import type { Tag } from '../../core/paging.js';
import { RUN_NAME_TAG, type Metric } from '../../core/runs.js';

/** What one request logs to its run. */
export interface LogCommand {
  runId: string;
  params: readonly Tag[];
  metrics: readonly Metric[];
  tags: readonly Tag[];
}

export interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

/** How the runs that were named stand; one that is missing is unknown. */
export interface RunState {
  run_id: string;
  lifecycle_stage: string;
}

interface Part {
  /** A letter for the name of the prepared statement. */
  letter: string;
  sql: string;
  columns: readonly unknown[];
}

/**
 * One statement that writes everything the commands log, or nothing: no round trip but one, and no transaction to hold open.
 * What belongs to a run that is not active is left out; the answer tells which those are. A param that would change is set
 * to null, which its column refuses. Rows of one kind are in the order of their keys, so that writers wait for each other
 * instead of locking each other out.
 */
export const logStatement = (commands: readonly LogCommand[]): Statement => {
  const parts = [
    ...paramParts(commands),
    ...metricParts(commands),
    ...modelMetricParts(commands),
    ...tagParts(commands),
  ];
  const values: unknown[] = [[...new Set(commands.map(({ runId }) => runId))]];
  const written = parts.map(({ letter, sql, columns }) => {
    const text = sql.replace(/\$(\d+)/g, (_, at: string) => `$${String(values.length + Number(at))}`);
    values.push(...columns);
    return `, ${letter} as (${text})`;
  });
  return {
    name: `log-${parts.map(({ letter }) => letter).join('')}`,
    text: `with active as (select run_id, experiment_id from registry.runs where run_id = any($1::text[]) and lifecycle_stage = 'active')
      ${written.join('\n')}
      select run_id, lifecycle_stage from registry.runs where run_id = any($1::text[])`,
    values,
  };
};

/** Keeps the order of the rows that were sent, which a join might not. */
const OF_ACTIVE = 'run_id = any(array(select run_id from active))';

const paramParts = (commands: readonly LogCommand[]): Part[] => {
  const rows = byRunAndKey(commands.map(({ runId, params }) => ({ runId, pairs: params })));
  if (rows.length === 0) return [];
  const sql = `insert into registry.run_params as known (run_id, key, value)
    select run_id, key, value from unnest($1::text[], $2::text[], $3::text[]) as given (run_id, key, value) where ${OF_ACTIVE}
    on conflict (run_id, key) do update set value = null where known.value <> excluded.value`;
  return [{ letter: 'p', sql, columns: columnsOf(rows) }];
};

const tagParts = (commands: readonly LogCommand[]): Part[] => {
  // An empty name is no name: MLflow keeps the run's name and its tag.
  const given = commands.map(({ runId, tags }) => ({
    runId,
    pairs: tags.filter(({ key, value }) => key !== RUN_NAME_TAG || value !== ''),
  }));
  const rows = byRunAndKey(given);
  if (rows.length === 0) return [];
  const sql = `insert into registry.run_tags (run_id, key, value)
    select run_id, key, value from unnest($1::text[], $2::text[], $3::text[]) as given (run_id, key, value) where ${OF_ACTIVE}
    on conflict (run_id, key) do update set value = excluded.value`;
  const tags = { letter: 't', sql, columns: columnsOf(rows) };
  const names = rows.filter(([, key]) => key === RUN_NAME_TAG);
  if (names.length === 0) return [tags];
  const rename = `update registry.runs r set name = given.value from unnest($1::text[], $2::text[]) as given (run_id, value)
    where r.run_id = given.run_id and r.lifecycle_stage = 'active'`;
  return [
    tags,
    { letter: 'n', sql: rename, columns: [names.map(([runId]) => runId), names.map(([, , value]) => value)] },
  ];
};

const METRIC_COLUMNS = 'run_id, key, timestamp, step, value';
const METRIC_ROWS = `unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::double precision[])`;
/** MLflow keeps NaN as zero with a mark beside it, and compares what it keeps. */
const comparable = (row: string) =>
  `${row}.step, ${row}.timestamp, case when ${row}.value = 'NaN' then 0 else ${row}.value end`;

const metricParts = (commands: readonly LogCommand[]): Part[] => {
  const rows = commands.flatMap(({ runId, metrics }) => metrics.map((metric): MetricRow => [runId, metric]));
  if (rows.length === 0) return [];
  const latest = latestOf(rows);
  // With one key there is but one order; with more, rows of twins must not be locked crosswise.
  if (latest.length > 1) rows.sort(byKey);
  const history = `insert into registry.run_metrics (${METRIC_COLUMNS})
    select ${METRIC_COLUMNS} from ${METRIC_ROWS} as given (${METRIC_COLUMNS}) where ${OF_ACTIVE} on conflict do nothing`;
  const greatest = `insert into registry.run_latest_metrics as known (${METRIC_COLUMNS})
    select ${METRIC_COLUMNS} from ${METRIC_ROWS} as given (${METRIC_COLUMNS}) where ${OF_ACTIVE}
    on conflict (run_id, key) do update set value = excluded.value, timestamp = excluded.timestamp, step = excluded.step
    where (${comparable('excluded')}) > (${comparable('known')})`;
  return [
    { letter: 'm', sql: history, columns: metricColumns(rows) },
    { letter: 'l', sql: greatest, columns: metricColumns(latest.sort(byKey)) },
  ];
};

const modelMetricParts = (commands: readonly LogCommand[]): Part[] => {
  const rows = commands.flatMap(({ runId, metrics }) =>
    metrics.filter(({ modelId }) => modelId !== undefined).map((metric): MetricRow => [runId, metric]),
  );
  if (rows.length === 0) return [];
  rows.sort((a, b) => compare(a[1].modelId ?? '', b[1].modelId ?? '') || byKey(a, b));
  const sql = `insert into registry.logged_model_metrics (${METRIC_COLUMNS}, model_id, dataset_name, dataset_digest, experiment_id)
    select given.*, active.experiment_id
    from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::double precision[], $6::text[], $7::text[], $8::text[])
      as given (${METRIC_COLUMNS}, model_id, dataset_name, dataset_digest)
    join active using (run_id) on conflict do nothing`;
  const metrics = rows.map(([, metric]) => metric);
  const columns = [
    ...metricColumns(rows),
    metrics.map(({ modelId }) => modelId),
    metrics.map(({ datasetName }) => datasetName ?? null),
    metrics.map(({ datasetDigest }) => datasetDigest ?? null),
  ];
  return [{ letter: 'd', sql, columns }];
};

type MetricRow = [runId: string, metric: Metric];

const metricColumns = (rows: readonly MetricRow[]): unknown[] => [
  rows.map(([runId]) => runId),
  rows.map(([, { key }]) => key),
  numbers(rows.map(([, { timestampMs }]) => timestampMs)),
  numbers(rows.map(([, { step }]) => step)),
  numbers(rows.map(([, { value }]) => value)),
];

/** An array in PostgreSQL's spelling; cheaper than the driver's, which must expect quotes and backslashes. */
const numbers = (values: readonly (number | bigint)[]): string => `{${values.join(',')}}`;

/** The last of each run and key that would be the latest: the greatest by (step, timestamp, value). */
const latestOf = (rows: readonly MetricRow[]): MetricRow[] => {
  const latest = new Map<string, MetricRow>();
  for (const row of rows) {
    const [runId, metric] = row;
    const id = `${runId}\0${metric.key}`;
    const known = latest.get(id);
    if (known === undefined || isLater(metric, known[1])) latest.set(id, row);
  }
  return [...latest.values()];
};

const isLater = (a: Metric, b: Metric): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  return (a.value || 0) > (b.value || 0);
};

type PairRow = [runId: string, key: string, value: string];

const columnsOf = (rows: readonly PairRow[]): unknown[] => [0, 1, 2].map((at) => rows.map((row) => row[at]));

/** The last value of each key of each run. */
const byRunAndKey = (given: readonly { runId: string; pairs: readonly Tag[] }[]): PairRow[] => {
  const rows = new Map<string, PairRow>();
  for (const { runId, pairs } of given)
    for (const { key, value } of pairs) rows.set(`${runId}\0${key}`, [runId, key, value]);
  return [...rows].sort(([a], [b]) => compare(a, b)).map(([, row]) => row);
};

const byKey = ([runA, a]: MetricRow, [runB, b]: MetricRow): number =>
  compare(runA, runB) ||
  compare(a.key, b.key) ||
  compare(a.timestampMs, b.timestampMs) ||
  compare(a.step, b.step) ||
  compare(a.value, b.value);

const compare = <T extends string | number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
