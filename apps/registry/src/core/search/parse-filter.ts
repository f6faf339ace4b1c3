import { PlatformError } from '#runtime';
import type { Clause, Filter, NumberOperator, Operator, Test, TextOperator } from './clauses.js';
import type { Grammar, Rule } from './grammars.js';
import { Faults, quoted, type Key } from './faults.js';
import { readKey, ruleOf } from './parse-key.js';
import { Scanner } from './scanner.js';
import { readList, readNumber, readText } from './parse-value.js';

/** Room for some thousands of run ids. */
const MAX_CHARACTERS = 200_000;
/** Each clause is a condition of one SQL statement, and planning takes time for each. */
const MAX_CLAUSES = 100;

/**
 * Reads MLflow's filter language: clauses joined by AND. What the grammar of the search does not know (a key, an operator,
 * a value of the wrong type) is refused here, with the place in the text.
 * @throws PlatformError REQUEST_INVALID
 */
export const parseFilter = (text: string | undefined, grammar: Grammar): Filter => {
  if (text === undefined || text === '') return [];
  if (text.length > MAX_CHARACTERS)
    throw new PlatformError('REQUEST_INVALID', `A filter string has at most ${String(MAX_CHARACTERS)} characters.`);
  const scanner = new Scanner(text, 'filter string');
  if (scanner.ended())
    throw new PlatformError('REQUEST_INVALID', `Invalid filter '${text.slice(0, 20)}'. Could not be parsed.`);
  const clauses: Clause[] = [];
  takeAnds(scanner);
  let joined = true;
  while (!scanner.ended()) {
    clauses.push(joined ? readClause(scanner, grammar) : readUnjoined(scanner, grammar));
    if (clauses.length > MAX_CLAUSES)
      throw scanner.fail(`A filter string has at most ${String(MAX_CLAUSES)} clauses`, scanner.position());
    joined = takeAnds(scanner);
  }
  return clauses;
};

/** MLflow passes over an AND that joins nothing: its own client writes one behind a blank filter. */
const takeAnds = (scanner: Scanner): boolean => {
  let found = false;
  while (scanner.keyword('AND')) found = true;
  return found;
};

/** MLflow takes clauses side by side as joined; what is no clause stands where an AND was wanted. */
const readUnjoined = (scanner: Scanner, grammar: Grammar): Clause => {
  const from = scanner.position();
  try {
    return readClause(scanner, grammar);
  } catch {
    throw new Faults(scanner, grammar).clause(from);
  }
};

const readClause = (scanner: Scanner, grammar: Grammar): Clause => {
  const key = readKey(scanner, grammar);
  const from = scanner.position();
  const operator = readOperator(scanner, key, grammar);
  const rule = ruleOf(key, grammar, scanner);
  const test = readTest({ scanner, rule, operator, key, grammar });
  // A list or a missing value where none may be has been told more exactly already.
  if (!rule.operators.includes(operator as Operator))
    throw new Faults(scanner, grammar).operator(key, operator, rule, from);
  return { entity: key.entity, key: key.key, test };
};

const readOperator = (scanner: Scanner, key: Key, grammar: Grammar): string => {
  const symbol = scanner.symbol();
  if (symbol !== undefined) return symbol;
  const from = scanner.position();
  const word = scanner.word()?.toUpperCase();
  if (word === 'IS') {
    const not = scanner.keyword('NOT') ? 'NOT ' : '';
    if (scanner.keyword('NULL')) return `IS ${not}NULL`;
  } else if (word === 'NOT') {
    const negated = scanner.word()?.toUpperCase();
    if (negated === 'IN' || negated === 'LIKE' || negated === 'ILIKE') return `NOT ${negated}`;
  } else if (word === 'LIKE' || word === 'ILIKE' || word === 'IN' || word === 'RLIKE') return word;
  const isKeyAlone = word === undefined ? from === scanner.text.length : word === 'AND';
  throw new Faults(scanner, grammar).clause(isKeyAlone ? key.from : from);
};

interface Place {
  scanner: Scanner;
  rule: Rule;
  operator: string;
  key: Key;
  grammar: Grammar;
}

const readTest = ({ scanner, rule, operator, key, grammar }: Place): Test => {
  const from = scanner.position();
  if (operator === 'IS NULL' || operator === 'IS NOT NULL') {
    if (!rule.operators.includes(operator))
      throw scanner.fail(
        `IS NULL / IS NOT NULL is only supported for tags and params, not for '${key.entity}' '${key.key}'`,
        key.from,
      );
    return { type: 'presence', operator };
  }
  if (scanner.peek() === '(' && isTextual(rule)) {
    if (!rule.operators.includes('IN'))
      throw scanner.fail(
        `Only ${quoted(listKeys(grammar))} attributes support comparison with a list of quoted string values.`,
        from,
      );
    const values = readList(scanner, rule);
    if (operator !== 'IN' && operator !== 'NOT IN')
      throw scanner.fail(`Invalid comparator '${operator}': a list is compared by IN or NOT IN`, from);
    return { type: 'list', operator, values: key.key === 'run_id' ? values.filter(isLowerCase) : values };
  }
  if (operator === 'IN' || operator === 'NOT IN')
    throw scanner.fail(
      `While parsing a list in the query, expected a non-empty list of string values, but got '${scanner.shown(from)}'`,
      from,
    );
  if (isTextual(rule)) {
    const value = readText(scanner, rule, key, grammar);
    if (operator.endsWith('LIKE') && /(?<!\\)(?:\\\\)*\\$/.test(value))
      throw scanner.fail('A pattern can not end with a backslash: two of them stand for one', from);
    return { type: 'text', operator: operator as TextOperator, value };
  }
  return { type: 'number', operator: operator as NumberOperator, value: readNumber(scanner, rule, key) };
};

const isTextual = ({ type }: Rule): boolean => type === 'text' || type === 'id';

/** Run ids have no capitals; MLflow drops those that have from a list. */
const isLowerCase = (value: string): boolean => value === value.toLowerCase();

const listKeys = ({ attributes }: Grammar): string[] =>
  Object.keys(attributes).filter((key) => attributes[key].operators.includes('IN'));
