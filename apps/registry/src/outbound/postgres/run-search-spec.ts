import type { Clause, Test } from '../../core/search/clauses.js';
import type { Conditions, SearchSpec, Term } from './search-sql.js';

/**
 * Values up to this size lie in an index, whole: with the id and the key of a run they fit into the 2,704 bytes that an
 * entry of a b-tree may have.
 */
export const INDEXED_BYTES = 1000;

export const runAttributes = {
  run_id: { sql: 'r.run_id', type: 'text' },
  run_name: { sql: 'r.name', type: 'text' },
  user_id: { sql: 'r.user_id', type: 'text' },
  status: { sql: 'r.status', type: 'text' },
  artifact_uri: { sql: 'r.artifact_uri', type: 'text' },
  start_time: { sql: 'r.start_time', type: 'bigint' },
  end_time: { sql: 'r.end_time', type: 'bigint', nullable: true },
} as const satisfies Record<string, Term>;

const datasets = ({ entity, key, test }: Clause, conditions: Conditions): string | undefined => {
  if (entity !== 'dataset') return undefined;
  if (key === 'context')
    return `exists (select 1 from registry.run_dataset_inputs t, jsonb_array_elements(t.tags) g
      where t.run_id = r.run_id and g ->> 'key' = 'mlflow.data.context' and ${conditions.test(`(g ->> 'value')`, test)})`;
  const column = key === 'name' ? 't.name' : 't.digest';
  return `exists (select 1 from registry.run_dataset_inputs t where t.run_id = r.run_id and ${conditions.test(column, test)})`;
};

/** Asks of each run at hand whether it has what a clause wants: for some runs. */
export const probes: SearchSpec = {
  attributes: runAttributes,
  rows: {
    tag: 'registry.run_tags t where t.run_id = r.run_id',
    param: 'registry.run_params t where t.run_id = r.run_id',
    metric: 'registry.run_latest_metrics t where t.run_id = r.run_id',
  },
  special: datasets,
};

const tables = { tag: 'registry.run_tags', param: 'registry.run_params', metric: 'registry.run_latest_metrics' };

/** Gathers for each clause the ids of all runs that have what it wants, out of an index by key and value. */
export const sets: SearchSpec = {
  ...probes,
  special: (clause, conditions) => {
    const { entity, key, test } = clause;
    if (entity === 'attribute') return undefined;
    if (entity === 'dataset') return datasets(clause, conditions);
    const ids = `select t.run_id from ${tables[entity]} t where t.key = ${conditions.parameter(key)}`;
    if (test.type === 'presence')
      return test.operator === 'IS NULL' ? `not exists (${ids} and t.run_id = r.run_id)` : `r.run_id in (${ids})`;
    if (entity === 'metric') return `r.run_id in (${ids} and ${conditions.test('t.value', test, 'double precision')})`;
    // Written as the index of trigrams has it; a plain value is looked up in the index by value.
    const value = test.type === 'text' && test.operator.endsWith('LIKE') ? `(t.value || '')` : 't.value';
    const matching = `${ids} and ${conditions.test(value, test)}`;
    const parts = sizes(test).map((size) => `${matching} and octet_length(t.value) ${size} ${String(INDEXED_BYTES)}`);
    return `r.run_id in (${parts.join(' union all ')})`;
  },
};

/** The values in the index, those too large for it, or both. */
const sizes = (test: Test): ('<=' | '>')[] => {
  const wanted = test.type === 'list' ? test.values : test.type === 'text' && test.operator === '=' ? [test.value] : [];
  if (wanted.length === 0 || (test.type === 'list' && test.operator === 'NOT IN')) return ['<=', '>'];
  const isSmall = (value: string) => Buffer.byteLength(value) <= INDEXED_BYTES;
  if (wanted.every(isSmall)) return ['<='];
  return wanted.some(isSmall) ? ['<=', '>'] : ['>'];
};
