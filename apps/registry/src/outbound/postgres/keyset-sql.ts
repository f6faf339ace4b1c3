import { PlatformError } from '#runtime';
import type { Keyset } from '../../core/paging.js';
import type { Conditions, OrderTerm, Term } from './search-sql.js';

const shapes: Record<Term['type'], RegExp> = {
  text: /^[^\0]*$/su,
  bigint: /^-?\d{1,18}$/,
  'double precision': /^(?:-?(?:\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?|Infinity)|NaN)$/,
  boolean: /^(?:true|false)$/,
};

/**
 * The rows behind `after` in the order of the terms.
 * @throws PlatformError REQUEST_INVALID when these are no values of the terms: a token that somebody made up.
 */
export const behindSql = (terms: readonly OrderTerm[], after: Keyset, conditions: Conditions): string => {
  if (after.length !== terms.length) throw madeUp();
  const [first] = terms;
  const rest = behind(terms, after, conditions);
  // Said once more on its own, the bound of the first term is one that an index knows.
  if (after[0] === null || first.nullable) return rest;
  return `${first.sql} ${first.ascending ? '>=' : '<='} ${parameter(first, after[0], conditions)} and ${rest}`;
};

const behind = (terms: readonly OrderTerm[], after: Keyset, conditions: Conditions): string => {
  if (terms.length === 0) return 'false';
  const [term, ...others] = terms;
  const [value, ...values] = after;
  if (value === null) {
    if (!term.nullable) throw madeUp();
    return `(${term.sql} is null and ${behind(others, values, conditions)})`;
  }
  const given = parameter(term, value, conditions);
  const beyond = `${term.sql} ${term.ascending ? '>' : '<'} ${given}`;
  const same = `(${term.sql} = ${given} and ${behind(others, values, conditions)})`;
  return `(${beyond}${term.nullable ? ` or ${term.sql} is null` : ''} or ${same})`;
};

const parameter = ({ type }: Term, value: string, conditions: Conditions): string => {
  if (!value.isWellFormed() || !shapes[type].test(value)) throw madeUp();
  return `${conditions.parameter(value)}::${type}`;
};

const madeUp = (): PlatformError =>
  new PlatformError('REQUEST_INVALID', 'Invalid page token: it is none that a search has given. Begin without one.');
