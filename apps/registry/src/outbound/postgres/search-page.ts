import { pageOf, type Page, type PageRequest } from '../../core/paging.js';
import type { Order } from '../../core/search/clauses.js';
import type { RegistryDatabase } from './registry-database.js';
import { orderBySql, orderTerms, type Conditions, type OrderTerm, type SearchSpec } from './search-sql.js';

export interface SearchStatement {
  /** The columns of the key by which the rows are loaded afterwards. */
  select: string;
  from: string;
  conditions: Conditions;
  spec: SearchSpec;
  orders: readonly Order[];
  /** Makes the order, and so the paging, certain. */
  tieBreak: OrderTerm[];
}

/** Finds the keys of one page. */
export const searchPage = async <K>(
  database: RegistryDatabase,
  { select, from, conditions, spec, orders, tieBreak }: SearchStatement,
  page: PageRequest,
): Promise<Page<K>> => {
  const { joins, terms } = orderTerms(orders, spec, conditions);
  const where = conditions.where();
  const limit = conditions.parameter(page.limit + 1);
  const offset = conditions.parameter(page.offset);
  const rows = await database.query<K[]>(
    `select ${select} from ${from} ${joins} where ${where}
     order by ${orderBySql([...terms, ...tieBreak])} limit ${limit} offset ${offset}`,
    conditions.parameters,
  );
  return pageOf(rows, page);
};
