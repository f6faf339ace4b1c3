import type { Page } from '../../core/paging.js';
import type { LoggedModelQuery } from '../../core/logged-models.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, datasetSql, orderTerms, type SearchSpec } from './search-sql.js';

const id = { sql: 'm.model_id', type: 'text' } as const;
const created = { sql: 'm.creation_time', type: 'bigint' } as const;

const attributes: SearchSpec['attributes'] = {
  name: { sql: 'm.name', type: 'text' },
  model_id: id,
  experiment_id: { sql: 'm.experiment_id', type: 'bigint' },
  status: { sql: 'm.status', type: 'text' },
  status_message: { sql: 'm.status_message', type: 'text', nullable: true },
  model_type: { sql: 'm.model_type', type: 'text', nullable: true },
  source_run_id: { sql: 'm.source_run_id', type: 'text', nullable: true },
  artifact_location: { sql: 'm.artifact_uri', type: 'text' },
  lifecycle_stage: { sql: 'm.lifecycle_stage', type: 'text' },
  creation_timestamp: created,
  last_updated_timestamp: { sql: 'm.last_update_time', type: 'bigint' },
};
const tag = 'registry.logged_model_tags t where t.model_id = m.model_id';
const param = 'registry.logged_model_params t where t.model_id = m.model_id';
const metric = 'registry.logged_model_metrics t where t.model_id = m.model_id';
const latest = 'order by t.timestamp desc, t.step desc, t.run_id limit 1';

/** Finds the ids of one page of logged models. */
export const searchLoggedModels = async (
  database: RegistryDatabase,
  query: LoggedModelQuery,
): Promise<Page<{ id: string }>> => {
  const conditions = new Conditions();
  const ids = query.experimentIds.filter((given) => /^\d{1,18}$/.test(given));
  conditions.add(`m.experiment_id = any(${conditions.parameter(ids)}::bigint[])`);
  conditions.add(`m.lifecycle_stage = 'active'`);
  const measured =
    query.datasets.length === 0
      ? metric
      : `${metric} and (${query.datasets.map((dataset) => datasetSql(dataset, conditions)).join(' or ')})`;
  conditions.addFilter(query.filter, { attributes, rows: { tag, param, metric: measured } });
  if (query.datasets.length > 0 && !query.filter.some(({ entity }) => entity === 'metric'))
    conditions.add(`exists (select 1 from ${measured})`);
  const ordered = (key: string) => query.orderBy.some((order) => order.entity === 'attribute' && order.key === key);
  const tieBreak = [
    ...(ordered('creation_timestamp') ? [] : [{ ...created, ascending: false }]),
    ...(ordered('model_id') ? [] : [{ ...id, ascending: true }]),
  ];
  const spec = { attributes, rows: { tag, param, metric }, latest };
  const { joins, terms } = orderTerms(query.orderBy, spec, conditions);
  return searchPage(
    database,
    {
      select: 'm.model_id as id',
      from: `registry.logged_models m ${joins}`,
      conditions,
      terms: [...terms, ...tieBreak],
    },
    query,
  );
};
