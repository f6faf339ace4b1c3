import type { Page } from '../../core/paging.js';
import type { RegistryQuery } from '../../core/registered-models.js';
import { promptsOf } from '../../core/search/prompt-clauses.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, orderTerms, type SearchSpec } from './search-sql.js';

const name = { sql: 'm.name', type: 'text' } as const;

const spec: SearchSpec = {
  attributes: { name, last_updated_timestamp: { sql: 'm.last_update_time', type: 'bigint' } },
  rows: { tag: 'registry.registered_model_tags t where t.name = m.name' },
};

/** Finds the names of one page of registered models, or of prompts when the filter asks for them. */
export const searchRegisteredModels = (
  database: RegistryDatabase,
  query: RegistryQuery,
): Promise<Page<{ name: string }>> => {
  const conditions = new Conditions();
  const { prompts, rest } = promptsOf(query.filter);
  conditions.addFilter(rest, spec);
  if (!prompts)
    conditions.add(
      `not exists (select 1 from registry.registered_model_tags p
       where p.name = m.name and p.key = 'mlflow.prompt.is_prompt' and p.value = 'true')`,
    );
  const tieBreak = [{ ...name, ascending: true }];
  const { joins, terms } = orderTerms(query.orderBy, spec, conditions);
  return searchPage(
    database,
    { select: 'm.name', from: `registry.registered_models m ${joins}`, conditions, terms: [...terms, ...tieBreak] },
    query,
  );
};
