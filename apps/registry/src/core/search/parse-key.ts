import type { Entity } from './clauses.js';
import type { Grammar, Rule } from './grammars.js';
import type { Scanner } from './scanner.js';

export interface Key {
  entity: Entity;
  key: string;
  /** Where it begins. */
  from: number;
}

/** Reads `entity.key`, or a bare attribute. What the grammar knows under another name comes out under its own. */
export const readKey = (scanner: Scanner, grammar: Grammar): Key => {
  const from = scanner.position();
  const first = namePart(scanner);
  if (first === undefined) throw unexpected(scanner, from);
  if (!scanner.take('.')) return { entity: 'attribute', key: unaliased(first, grammar), from };
  if (!Object.hasOwn(grammar.prefixes, first))
    throw scanner.fail(
      `Invalid entity type '${first}'. Valid values are ${quoted(Object.keys(grammar.prefixes))}`,
      from,
    );
  const entity = grammar.prefixes[first];
  const parts = [namePart(scanner)];
  while (scanner.take('.')) parts.push(namePart(scanner));
  if (parts.includes(undefined)) throw unexpected(scanner, scanner.position());
  const key = parts.join('.');
  return { entity, key: entity === 'attribute' ? unaliased(key, grammar) : key, from };
};

/** @throws PlatformError REQUEST_INVALID for a key that the grammar does not know. */
export const ruleOf = ({ entity, key, from }: Key, grammar: Grammar, scanner: Scanner): Rule => {
  const named = entity === 'attribute' ? grammar.attributes : entity === 'dataset' ? grammar.datasets : undefined;
  if (named === undefined) {
    const rule = entity === 'tag' || entity === 'param' || entity === 'metric' ? grammar[entity] : undefined;
    if (rule !== undefined) return rule;
  } else if (Object.hasOwn(named, key)) return named[key];
  throw unknownKey(scanner, { entity, key, from }, Object.keys(named ?? {}));
};

export const unknownKey = (scanner: Scanner, { entity, key, from }: Key, valid: readonly string[]) =>
  scanner.fail(`Invalid ${entity} key '${key}' specified. Valid keys are ${quoted(valid)}`, from);

export const unexpected = (scanner: Scanner, from: number) =>
  scanner.fail(`Invalid clause(s) in ${scanner.name}: '${scanner.shown(from)}'`, from);

export const quoted = (names: readonly string[]): string => `['${names.join("', '")}']`;

const unaliased = (key: string, { aliases }: Grammar): string =>
  aliases !== undefined && Object.hasOwn(aliases, key) ? aliases[key] : key;

const namePart = (scanner: Scanner): string | undefined => scanner.quoted('`') ?? scanner.quoted('"') ?? scanner.word();
