import type { Page } from '../../core/paging.js';
import type { ExperimentQuery } from '../../core/experiments.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, orderTerms, type SearchSpec } from './search-sql.js';

const id = { sql: 'e.experiment_id', type: 'bigint' } as const;
const created = { sql: 'e.creation_time', type: 'bigint' } as const;

const spec: SearchSpec = {
  attributes: {
    name: { sql: 'e.name', type: 'text' },
    experiment_id: id,
    creation_time: created,
    last_update_time: { sql: 'e.last_update_time', type: 'bigint' },
  },
  rows: { tag: 'registry.experiment_tags t where t.experiment_id = e.experiment_id' },
};

/** Finds the ids of one page of experiments. */
export const searchExperiments = (
  database: RegistryDatabase,
  query: ExperimentQuery,
): Promise<Page<{ id: string }>> => {
  const conditions = new Conditions();
  if (query.view !== 'ALL')
    conditions.add(`e.lifecycle_stage = '${query.view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}'`);
  conditions.addFilter(query.filter, spec);
  const tieBreak =
    query.orderBy.length === 0
      ? [
          { ...created, ascending: false },
          { ...id, ascending: true },
        ]
      : [{ ...id, ascending: false }];
  const select = 'e.experiment_id as id';
  const { joins, terms } = orderTerms(query.orderBy, spec, conditions);
  return searchPage(
    database,
    { select, from: `registry.experiments e ${joins}`, conditions, terms: [...terms, ...tieBreak] },
    query,
  );
};
