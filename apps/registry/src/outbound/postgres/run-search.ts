import type { Page } from '../../core/paging.js';
import type { RunQuery } from '../../core/runs.js';
import type { Clause } from '../../core/search/clauses.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, type OrderTerm, type SearchSpec } from './search-sql.js';

const startTime = { sql: 'r.start_time', type: 'bigint' } as const;

const spec: SearchSpec = {
  attributes: {
    run_id: { sql: 'r.run_id', type: 'text' },
    run_name: { sql: 'r.name', type: 'text' },
    user_id: { sql: 'r.user_id', type: 'text' },
    status: { sql: 'r.status', type: 'text' },
    artifact_uri: { sql: 'r.artifact_uri', type: 'text' },
    start_time: startTime,
    end_time: { sql: 'r.end_time', type: 'bigint', nullable: true },
  },
  rows: {
    tag: 'registry.run_tags t where t.run_id = r.run_id',
    param: 'registry.run_params t where t.run_id = r.run_id',
    metric: 'registry.run_latest_metrics t where t.run_id = r.run_id',
  },
  special: ({ entity, key, test }: Clause, conditions) => {
    if (entity !== 'dataset') return undefined;
    if (key === 'context')
      return `exists (select 1 from registry.run_dataset_inputs t, jsonb_array_elements(t.tags) g
        where t.run_id = r.run_id and g ->> 'key' = 'mlflow.data.context' and ${conditions.test(`g ->> 'value'`, test)})`;
    const column = key === 'name' ? 't.name' : 't.digest';
    return `exists (select 1 from registry.run_dataset_inputs t where t.run_id = r.run_id and ${conditions.test(column, test)})`;
  },
};

const newestFirst: OrderTerm = { ...startTime, ascending: false };
const byId: OrderTerm = { sql: 'r.run_id', type: 'text', ascending: true };

/** Finds the ids of one page of runs. */
export const searchRuns = async (database: RegistryDatabase, query: RunQuery): Promise<Page<{ id: string }>> => {
  const ids = query.experimentIds.filter((id) => /^\d{1,18}$/.test(id));
  if (ids.length === 0) return { items: [] };
  const conditions = new Conditions();
  // Of one experiment the index gives the runs in their natural order; of a list it does not.
  conditions.add(
    ids.length === 1
      ? `r.experiment_id = ${conditions.parameter(ids[0])}::bigint`
      : `r.experiment_id = any(${conditions.parameter(ids)}::bigint[])`,
  );
  if (query.view !== 'ALL')
    conditions.add(`r.lifecycle_stage = '${query.view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}'`);
  conditions.addFilter(query.filter, spec);
  const isOrderedByStart = query.orderBy.some(({ entity, key }) => entity === 'attribute' && key === 'start_time');
  const tieBreak = isOrderedByStart ? [byId] : [newestFirst, byId];
  const from = 'registry.runs r';
  return searchPage(
    database,
    { select: 'r.run_id as id', from, conditions, spec, orders: query.orderBy, tieBreak },
    query,
  );
};
