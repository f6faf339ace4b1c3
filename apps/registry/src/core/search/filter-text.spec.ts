import { describe, expect, it } from 'vitest';
import { PlatformError } from '#runtime';
import type { Clause, Entity, Operator, Test } from './clauses.js';
import * as grammars from './grammars.js';
import type { Grammar, Rule } from './grammars.js';
import { parseOrderBy } from './order-by.js';
import { parseFilter } from './parse-filter.js';

/** The same numbers in every run: a failure can be seen again. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % below;
  };
};
type Random = (below: number) => number;

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)];
const all: [string, Grammar][] = Object.entries(grammars);
/** Without marks that a key or a text in quotes could not hold. */
const letters = [
  'a',
  'Z',
  '9',
  '.',
  ' ',
  '%',
  '_',
  'é',
  '漢',
  '🙂',
  '(',
  ')',
  ',',
  '=',
  ' AND ',
  'or',
  ';',
  '--',
  '\n',
];
const word = (random: Random): string => Array.from({ length: random(8) }, () => pick(random, letters)).join('');

const testOf = (random: Random, { type, operators }: Rule): Test => {
  const operator = pick(random, operators);
  const text = () => (type === 'id' ? String(random(99)) : word(random));
  if (operator === 'IS NULL' || operator === 'IS NOT NULL') return { type: 'presence', operator };
  if (operator === 'IN' || operator === 'NOT IN')
    return { type: 'list', operator, values: Array.from({ length: 1 + random(3) }, text) };
  if (type === 'text' || type === 'id')
    return { type: 'text', operator: operator as '=' | '!=' | 'LIKE' | 'ILIKE', value: text() };
  const value = type === 'number' ? pick(random, [0.5, -1e-7, 3, 1e21, -17.25]) : random(1e9);
  return { type: 'number', operator: operator as '=', value };
};

const clauseOf = (random: Random, grammar: Grammar): Clause => {
  const known: [Entity, string, Rule | undefined][] = [
    ...Object.entries(grammar.attributes).map(([key, rule]): [Entity, string, Rule] => ['attribute', key, rule]),
    ...Object.entries(grammar.datasets ?? {}).map(([key, rule]): [Entity, string, Rule] => ['dataset', key, rule]),
    ['tag', word(random), grammar.tag],
    ['param', word(random), grammar.param],
    ['metric', word(random), grammar.metric],
  ];
  const [entity, key, rule] = pick(random, known);
  return rule === undefined ? clauseOf(random, grammar) : { entity, key, test: testOf(random, rule) };
};

const printed = (random: Random, { prefixes }: Grammar, { entity, key, test }: Clause): string => {
  const prefix = pick(
    random,
    Object.keys(prefixes)
      .filter((name) => prefixes[name] === entity)
      .concat(entity === 'attribute' ? [''] : []),
  );
  const mark = pick(random, ['`', '"']);
  const bare = /^[\w.]*\w$/.test(key) && !key.startsWith('.') && !key.includes('..');
  const name = bare && random(2) === 0 && !(prefix === '' && key.includes('.')) ? key : `${mark}${key}${mark}`;
  const left = prefix === '' ? name : `${prefix}.${name}`;
  const written = (value: string) => pick(random, [`'${value}'`, `"${value}"`]);
  const space = () => pick(random, [' ', '  ', '\n\t']);
  const cased = (operator: Operator) => (random(2) === 0 ? operator : operator.toLowerCase());
  if (test.type === 'presence') return `${left}${space()}${cased(test.operator)}`;
  if (test.type === 'list')
    return `${left}${space()}${cased(test.operator)}${space()}(${test.values.map(written).join(pick(random, [',', ' , ']))})`;
  const right = test.type === 'number' ? String(test.value) : written(test.value);
  return `${left}${space()}${cased(test.operator)}${space()}${right}`;
};

describe('any filter', () => {
  it.each(all)('of %s is read as what it was written from', (_, grammar) => {
    const random = randomFrom(4711);
    for (let round = 0; round < 200; round++) {
      const clauses = Array.from({ length: 1 + random(4) }, () => clauseOf(random, grammar)).filter(isKept);
      const text = clauses.map((clause) => printed(random, grammar, clause)).join(pick(random, [' AND ', '\nand\t']));
      if (clauses.length > 0) expect(parseFilter(text, grammar), text).toEqual(clauses);
    }
  });

  const pieces = [
    ...['tags', 'metrics', 'params', 'attributes', 'run_id', 'name', 'x', '.', '`', '"', "'", '\\', '(', ')', ',', ';'],
    ...[
      '=',
      '!=',
      '<',
      '>',
      'LIKE',
      'IN',
      'NOT',
      'IS',
      'NULL',
      'AND',
      'OR',
      '5',
      '-',
      '.5',
      '1e9',
      ' ',
      '\n',
      '\0',
      '漢',
    ],
    ...['\ud800', '%', '--', '/*', "' OR 1=1 --", 'DESC', 'desc', '__proto__', 'constructor'],
  ];

  it.each(all)('of %s that was put together at random is read or refused', (_, grammar) => {
    const random = randomFrom(42);
    for (let round = 0; round < 1000; round++) {
      const glue = pick(random, ['', ' ']);
      const text = Array.from({ length: 1 + random(12) }, () => pick(random, pieces)).join(glue);
      for (const parse of [() => parseFilter(text, grammar), () => parseOrderBy([text], grammar)])
        try {
          parse();
        } catch (error) {
          expect(error, text).toBeInstanceOf(PlatformError);
          expect((error as PlatformError).code).toBe('REQUEST_INVALID');
        }
    }
  });
});

/** Ids with capitals are dropped from lists, and a pattern's last backslash is refused. */
const isKept = ({ key, test }: Clause): boolean =>
  !(key === 'run_id' && test.type === 'list' && test.values.some((value) => value !== value.toLowerCase()));
