import type { Grammar, Rule } from './grammars.js';
import type { Key } from './faults.js';
import type { Scanner } from './scanner.js';

/** A number, where the rule wants one. */
export const readNumber = (scanner: Scanner, { type }: Rule, { entity, key }: Key): number => {
  const from = scanner.position();
  const literal =
    scanner.number() ?? (type === 'quoted integer' ? (scanner.quoted("'") ?? scanner.quoted('"')) : undefined);
  const what = entity === 'metric' ? 'metric' : `numeric attribute: ${key}`;
  if (literal === undefined)
    throw scanner.fail(`Expected numeric value type for ${what}. Found ${scanner.shown(from)}`, from);
  const isWhole = /^\s*[+-]?\d+\s*$/.test(literal);
  if (type !== 'number' && !isWhole)
    throw scanner.fail(`Invalid value for numeric attribute '${key}': '${literal}'`, from);
  return Number(literal);
};

/** A text in quotes, where the rule wants one. */
export const readText = (scanner: Scanner, rule: Rule, key: Key, { bareText }: Grammar): string => {
  const from = scanner.position();
  const text = quotedText(scanner) ?? (bareText ? (scanner.number() ?? scanner.word()) : undefined);
  if (text !== undefined) return checkedId(scanner, rule, text, from);
  if (scanner.number() === undefined && (scanner.quoted('`') ?? scanner.word()) !== undefined)
    throw scanner.fail(
      `Parameter value is either not quoted or unidentified quote types used for string value ${scanner.shown(from)}. Use either single or double quotes.`,
      from,
    );
  const what = key.entity === 'attribute' ? 'attributes' : `${key.entity} (e.g. 'my-value')`;
  throw scanner.fail(`Expected a quoted string value for ${what}. Got value ${scanner.shown(from)}`, from);
};

/** `('a', 'b')`, one text at least. */
export const readList = (scanner: Scanner, rule: Rule): string[] => {
  const from = scanner.position();
  scanner.take('(');
  const values: string[] = [];
  do {
    if (values.length > 0 && scanner.peek() === ')') break;
    const at = scanner.position();
    const value = quotedText(scanner);
    if (value === undefined)
      throw scanner.fail(
        scanner.peek() === ')'
          ? 'While parsing a list in the query, expected a non-empty list of string values, but got empty list'
          : `While parsing a list in the query, expected string value, punctuation, or whitespace, but got '${scanner.shown(at)}'`,
        at,
      );
    values.push(checkedId(scanner, rule, value, at));
  } while (scanner.take(','));
  if (!scanner.take(')'))
    throw scanner.fail(
      'While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.',
      from,
    );
  return values;
};

const quotedText = (scanner: Scanner): string | undefined => scanner.quoted("'") ?? scanner.quoted('"');

/** Ids of experiments are integers, also where they are written as texts. */
const checkedId = (scanner: Scanner, { type }: Rule, text: string, from: number): string => {
  if (type === 'id' && !/^\d{1,18}$/.test(text))
    throw scanner.fail(`Invalid experiment ID '${text}'. Experiment ID must be an integer.`, from);
  return text;
};
