import type { Page, ViewType } from '../../core/paging.js';
import type { RunQuery } from '../../core/runs.js';
import type { Order } from '../../core/search/clauses.js';
import type { RegistryDatabase } from './registry-database.js';
import { probes, runAttributes, sets } from './run-search-spec.js';
import { behindSql } from './keyset-sql.js';
import { searchPage } from './search-page.js';
import { Conditions, orderBySql, orderTerms, type OrderTerm } from './search-sql.js';

const newestFirst: OrderTerm = { ...runAttributes.start_time, ascending: false };
const byId: OrderTerm = { ...runAttributes.run_id, ascending: true };

/** Pages up to this size are first looked for among so many times more runs. */
const LOOK_UP_TO = 1000;
const LOOK_TIMES = 4;

type Ids = Page<{ id: string }>;

/** Finds the ids of one page of runs. */
export const searchRuns = async (database: RegistryDatabase, query: RunQuery): Promise<Ids> => {
  const experimentIds = query.experimentIds.filter((id) => /^\d{1,18}$/.test(id));
  if (experimentIds.length === 0) return { items: [] };
  const asked = { ...query, experimentIds };
  const found = isEasy(asked) ? await searchNearby(database, asked) : undefined;
  return found?.nextOffset === undefined ? searchAll(database, asked) : found;
};

/** All matches, then their order: costs about the same however few or many match. */
const searchAll = (database: RegistryDatabase, query: RunQuery): Promise<Ids> => {
  const conditions = ofExperiments(query);
  conditions.addFilter(query.filter, sets);
  const { joins, terms } = orderTerms(query.orderBy, sets, conditions);
  const statement = {
    select: 'r.run_id as id',
    from: `registry.runs r ${joins}`,
    conditions,
    terms: [...terms, ...tieBreak(query.orderBy)],
    matchFirst: query.filter.some(isLogged),
  };
  return searchPage(database, statement, query);
};

/**
 * Looks at the runs next in order and no further: when many match, the page is full soon. A page that is not full says
 * nothing.
 */
const searchNearby = async (database: RegistryDatabase, query: RunQuery): Promise<Ids> => {
  const conditions = ofExperiments(query);
  const metric = query.orderBy.find(({ entity }) => entity === 'metric');
  const terms = metric === undefined ? [newestFirst, byId] : [metricTerm(metric), newestFirst, byId];
  let from = 'registry.runs r';
  if (metric !== undefined) {
    from = 'registry.run_latest_metrics o join registry.runs r on r.run_id = o.run_id';
    conditions.add(`o.key = ${conditions.parameter(metric.key)} and o.value <= 'Infinity'`);
  }
  const { after, limit } = query;
  // In the order of all runs, "has no value" comes behind the value: here all have one.
  const start = metric === undefined ? after : after?.filter((_, at) => at !== 1);
  if (start !== undefined) conditions.add(behindSql(terms, start, conditions));
  const count = query.filter.length === 0 ? limit + 1 : (limit + 1) * LOOK_TIMES;
  const nearby = `(select r.*${metric ? ', o.value' : ''} from ${from} where ${conditions.where()}
    order by ${orderBySql(terms)} limit ${conditions.parameter(count)}) r`;
  const filters = conditions.around();
  filters.addFilter(query.filter, probes);
  const outer: OrderTerm[] =
    metric === undefined
      ? terms
      : [
          { ...metricTerm(metric), sql: 'r.value' },
          { sql: 'false', type: 'boolean', ascending: true },
          newestFirst,
          byId,
        ];
  const statement = { select: 'r.run_id as id', from: nearby, conditions: filters, terms: outer };
  const page = await searchPage<{ id: string }>(database, statement, { limit, offset: 0 });
  return page.nextOffset === undefined ? page : { ...page, nextOffset: query.offset + limit };
};

/** The order is that of an index, and the page begins at its head or behind a row in it. */
const isEasy = ({ orderBy, filter, limit, offset, after }: RunQuery): boolean => {
  if (after === undefined && offset > 0) return false;
  if (limit > LOOK_UP_TO) return false;
  const [first, second] = orderBy as readonly (Order | undefined)[];
  if (second !== undefined) return false;
  if (first === undefined || isByNewest(first)) return filter.length > 0;
  return first.entity === 'metric' && after?.[0] !== null;
};

const isByNewest = ({ entity, key, ascending }: Order): boolean =>
  entity === 'attribute' && key === 'start_time' && !ascending;

const isLogged = ({ entity }: { entity: string }): boolean => entity !== 'attribute';

const ofExperiments = ({ experimentIds, view }: { experimentIds: string[]; view: ViewType }): Conditions => {
  const conditions = new Conditions();
  // Of one experiment the index gives the runs in their order; of a list it does not.
  conditions.add(
    experimentIds.length === 1
      ? `r.experiment_id = ${conditions.parameter(experimentIds[0])}::bigint`
      : `r.experiment_id = any(${conditions.parameter(experimentIds)}::bigint[])`,
  );
  if (view !== 'ALL') conditions.add(`r.lifecycle_stage = '${view === 'ACTIVE_ONLY' ? 'active' : 'deleted'}'`);
  return conditions;
};

const tieBreak = (orders: readonly Order[]): OrderTerm[] =>
  orders.some(({ entity, key }) => entity === 'attribute' && key === 'start_time') ? [byId] : [newestFirst, byId];

const metricTerm = ({ ascending }: Order): OrderTerm => ({ sql: 'o.value', type: 'double precision', ascending });
