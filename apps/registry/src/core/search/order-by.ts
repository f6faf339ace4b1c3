import { PlatformError } from '#runtime';
import type { Order } from './clauses.js';
import type { Grammar } from './grammars.js';
import { Faults, quoted, type Key } from './faults.js';
import { readKey } from './parse-key.js';
import { Scanner } from './scanner.js';

/** As many as nobody needs; each is a join. */
const MAX_CLAUSES = 20;

/**
 * Reads MLflow's order-by clauses, such as `metrics.loss DESC`, in the grammar of a search.
 * @throws PlatformError REQUEST_INVALID for an unreadable clause, an unknown key or one named twice.
 */
export const parseOrderBy = (clauses: readonly string[], grammar: Grammar): Order[] =>
  distinct(
    clauses.map((text) => parseClause(text, grammar)),
    clauses,
  );

const parseClause = (text: string, grammar: Grammar): Order => {
  if (text.length > 1000) throw new PlatformError('REQUEST_INVALID', 'An order_by clause has at most 1000 characters.');
  const scanner = new Scanner(text, 'order_by clause');
  if (scanner.ended()) throw unreadable(text);
  const key = orderKey(readKey(scanner, grammar, grammar.order.aliases ?? {}), grammar, scanner);
  const direction = scanner.word()?.toUpperCase();
  if (!scanner.ended()) throw unreadable(text);
  if (direction !== undefined && direction !== 'ASC' && direction !== 'DESC')
    throw new PlatformError('REQUEST_INVALID', `Invalid ordering key in order_by clause '${text}'.`);
  return { ...key, ascending: direction !== 'DESC' };
};

const unreadable = (text: string): PlatformError =>
  new PlatformError('REQUEST_INVALID', `Invalid order_by clause '${text}'. Could not be parsed.`);

const orderKey = (found: Key, grammar: Grammar, scanner: Scanner): Pick<Order, 'entity' | 'key'> => {
  const { entity, key } = found;
  const { order } = grammar;
  if (entity !== 'attribute') {
    if (!order.entities.includes(entity)) throw scanner.fail(`Invalid order_by entity: ${entity}`, found.from);
    return { entity, key };
  }
  if (!order.attributes.includes(key)) throw new Faults(scanner, grammar).key(found, order.attributes);
  return { entity, key };
};

/** @throws PlatformError REQUEST_INVALID when one key comes twice, or too many come. */
const distinct = (orders: Order[], written: readonly string[]): Order[] => {
  const keys = orders.map(({ entity, key }) => `${entity}.${key}`);
  if (new Set(keys).size < keys.length)
    throw new PlatformError('REQUEST_INVALID', `\`order_by\` contains duplicate fields: ${quoted(written)}`);
  if (keys.length > MAX_CLAUSES)
    throw new PlatformError('REQUEST_INVALID', `order_by has at most ${String(MAX_CLAUSES)} clauses.`);
  return orders;
};

export interface LoggedModelOrder {
  field_name: string;
  ascending: boolean;
  dataset_name?: string;
  dataset_digest?: string;
}

/** The orders of a search for logged models: attributes, and metrics, each as measured on one dataset if it names one. */
export const parseLoggedModelOrder = (orders: readonly LoggedModelOrder[], grammar: Grammar): Order[] =>
  orders.map(({ field_name, ascending, dataset_name: name, dataset_digest: digest }) => {
    if (digest && !name)
      throw new PlatformError(
        'REQUEST_INVALID',
        '`dataset_digest` can only be specified if `dataset_name` is also specified.',
      );
    const dataset = name ? { name, ...(digest && { digest }) } : undefined;
    const metric = /^metrics\.(.+)$/s.exec(field_name)?.[1];
    // Here a name is no text to be parsed: whatever follows the dot is the key.
    if (metric !== undefined) return { entity: 'metric', key: metric.replace(/^`(.*)`$/s, '$1'), ascending, dataset };
    return { ...loggedModelAttribute(field_name.trim(), grammar), ascending };
  });

const loggedModelAttribute = (name: string, { order, aliases = {} }: Grammar): Pick<Order, 'entity' | 'key'> => {
  const key = Object.hasOwn(aliases, name) ? aliases[name] : name;
  if (order.attributes.includes(key)) return { entity: 'attribute', key };
  throw new PlatformError(
    'REQUEST_INVALID',
    name.includes('.')
      ? `Invalid order by field name: ${name}. Only metrics are supported.`
      : `Invalid order by field name: ${name}. Valid ones are ${quoted(order.attributes)} and metrics.`,
  );
};
