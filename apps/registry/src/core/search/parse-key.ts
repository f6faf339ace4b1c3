import { Faults, type Key } from './faults.js';
import type { Grammar, Rule } from './grammars.js';
import type { Scanner } from './scanner.js';

/** Reads `entity.key`, or a bare attribute. What the grammar knows under another name comes out under its own. */
export const readKey = (scanner: Scanner, grammar: Grammar, aliases = grammar.aliases): Key => {
  const faults = new Faults(scanner, grammar);
  const from = scanner.position();
  const first = namePart(scanner);
  if (first === undefined) throw faults.clause(from);
  if (!scanner.take('.')) return { entity: 'attribute', key: unaliased(first, aliases), from };
  if (!Object.hasOwn(grammar.prefixes, first)) throw faults.entity(first, from);
  const entity = grammar.prefixes[first];
  const parts = [namePart(scanner)];
  while (scanner.take('.')) parts.push(namePart(scanner));
  if (parts.includes(undefined)) throw faults.clause(scanner.position());
  const key = parts.join('.');
  return { entity, key: entity === 'attribute' ? unaliased(key, aliases) : key, from };
};

/** @throws PlatformError REQUEST_INVALID for a key that the grammar does not know. */
export const ruleOf = ({ entity, key, from }: Key, grammar: Grammar, scanner: Scanner): Rule => {
  const named = entity === 'attribute' ? grammar.attributes : entity === 'dataset' ? grammar.datasets : undefined;
  if (named === undefined) {
    const rule = entity === 'tag' || entity === 'param' || entity === 'metric' ? grammar[entity] : undefined;
    if (rule !== undefined) return rule;
  } else if (Object.hasOwn(named, key)) return named[key];
  throw new Faults(scanner, grammar).key({ entity, key, from }, Object.keys(named ?? {}));
};

const unaliased = (key: string, aliases: Grammar['aliases']): string =>
  aliases !== undefined && Object.hasOwn(aliases, key) ? aliases[key] : key;

const namePart = (scanner: Scanner): string | undefined => scanner.quoted('`') ?? scanner.quoted('"') ?? scanner.word();
