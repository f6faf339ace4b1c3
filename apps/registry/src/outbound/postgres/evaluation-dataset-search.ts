import type { EvaluationDatasetQuery } from '../../core/evaluation-datasets.js';
import type { Page } from '../../core/paging.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, orderTerms, type SearchSpec } from './search-sql.js';

const id = { sql: 'd.dataset_id', type: 'text' } as const;
const created = { sql: 'd.created_time', type: 'bigint' } as const;

const spec: SearchSpec = {
  attributes: {
    name: { sql: 'd.name', type: 'text' },
    created_by: { sql: 'd.created_by', type: 'text' },
    last_updated_by: { sql: 'd.last_updated_by', type: 'text' },
    created_time: created,
    last_update_time: { sql: 'd.last_update_time', type: 'bigint' },
  },
  rows: { tag: 'registry.evaluation_dataset_tags t where t.dataset_id = d.dataset_id' },
};

/** Finds the ids of one page of evaluation datasets. */
export const searchEvaluationDatasets = (
  database: RegistryDatabase,
  query: EvaluationDatasetQuery,
): Promise<Page<{ id: string }>> => {
  const conditions = new Conditions();
  if (query.experimentIds.length > 0)
    conditions.add(
      `exists (select 1 from registry.evaluation_dataset_experiments x
        where x.dataset_id = d.dataset_id and x.experiment_id = any(${conditions.parameter(query.experimentIds)}::text[]))`,
    );
  conditions.addFilter(query.filter, spec);
  const newest = query.orderBy.length === 0 ? [{ ...created, ascending: false }] : [];
  const tieBreak = [...newest, { ...id, ascending: false }];
  const { joins, terms } = orderTerms(query.orderBy, spec, conditions);
  const from = `registry.evaluation_datasets d ${joins}`;
  return searchPage(
    database,
    { select: 'd.dataset_id as id', from, conditions, terms: [...terms, ...tieBreak] },
    query,
  );
};
