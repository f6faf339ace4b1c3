import type { Page } from '../../core/paging.js';
import type { RegistryQuery } from '../../core/registered-models.js';
import { promptsOf } from '../../core/search/prompt-clauses.js';
import type { RegistryDatabase } from './registry-database.js';
import { searchPage } from './search-page.js';
import { Conditions, orderTerms, type SearchSpec } from './search-sql.js';

const name = { sql: 'v.name', type: 'text' } as const;
const version = { sql: 'v.version', type: 'bigint' } as const;
const updated = { sql: 'v.last_update_time', type: 'bigint' } as const;

const spec: SearchSpec = {
  attributes: {
    name,
    version_number: version,
    run_id: { sql: 'v.run_id', type: 'text', nullable: true },
    source_path: { sql: 'v.source', type: 'text' },
    creation_timestamp: { sql: 'v.creation_time', type: 'bigint' },
    last_updated_timestamp: updated,
  },
  rows: { tag: 'registry.model_version_tags t where t.name = v.name and t.version = v.version' },
};

/** Finds the names and numbers of one page of versions: of models, or of prompts when the filter asks for them. */
export const searchModelVersions = (
  database: RegistryDatabase,
  query: RegistryQuery,
): Promise<Page<{ name: string; version: number }>> => {
  const conditions = new Conditions();
  const { prompts, rest } = promptsOf(query.filter);
  conditions.addFilter(rest, spec);
  if (!prompts)
    conditions.add(
      `not exists (select 1 from registry.model_version_tags p
       where p.name = v.name and p.key = 'mlflow.prompt.is_prompt' and p.value = 'true')`,
    );
  const select = 'v.name, v.version';
  const tieBreak = [
    ...(query.orderBy.length === 0 ? [{ ...updated, ascending: false }] : []),
    { ...name, ascending: true },
    { ...version, ascending: false },
  ];
  const { joins, terms } = orderTerms(query.orderBy, spec, conditions);
  return searchPage(
    database,
    { select, from: `registry.model_versions v ${joins}`, conditions, terms: [...terms, ...tieBreak] },
    query,
  );
};
