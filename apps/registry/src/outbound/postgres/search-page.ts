import type { Page, PageRequest } from '../../core/paging.js';
import { behindSql } from './keyset-sql.js';
import type { RegistryDatabase } from './registry-database.js';
import { orderBySql, type Conditions, type OrderTerm } from './search-sql.js';

export interface SearchStatement {
  /** The columns by which the rows are loaded afterwards. */
  select: string;
  /** Tables and joins. */
  from: string;
  conditions: Conditions;
  /** Certain to the last row: its last terms are a key. */
  terms: readonly OrderTerm[];
  /** Finds all matches before it orders them, where walking in order through rows that do not match would cost more. */
  matchFirst?: boolean;
}

/** Finds the keys of one page. */
export const searchPage = async <K extends object>(
  database: RegistryDatabase,
  { select, from, conditions, terms, matchFirst }: SearchStatement,
  page: PageRequest,
): Promise<Page<K>> => {
  if (page.after !== undefined) conditions.add(behindSql(terms, page.after, conditions));
  const named = terms.map((term, at) => ({ ...term, sql: `x.t${String(at)}` }));
  const columns = terms.map(({ sql }, at) => `${sql} as t${String(at)}`).join(', ');
  const where = conditions.where();
  const limit = conditions.parameter(page.limit + 1);
  const offset = conditions.parameter(page.after === undefined ? page.offset : 0);
  const rows = await database.query<(K & Values)[]>(
    `select x.* from (select ${select}, ${columns} from ${from} where ${where} ${matchFirst ? 'offset 0' : ''}) x
     order by ${orderBySql(named)} limit ${limit} offset ${offset}`,
    conditions.parameters,
  );
  if (rows.length <= page.limit) return { items: rows };
  const items = rows.slice(0, page.limit);
  const last = items[page.limit - 1] as Values;
  const nextAfter = terms.map((_, at) => textOf(last[`t${String(at)}`]));
  return { items, nextOffset: page.offset + page.limit, nextAfter };
};

type Values = Record<string, string | number | boolean | null>;

/** As the driver hands it over, a value is written such that Postgres reads the same one. */
const textOf = (value: Values[string]): string | null => (value === null ? null : String(value));
