import type { PlatformError } from '#runtime';
import type { Entity } from './clauses.js';
import type { Grammar, Rule } from './grammars.js';
import type { Scanner } from './scanner.js';

export interface Key {
  entity: Entity;
  key: string;
  /** Where it begins. */
  from: number;
}

/** What MLflow says of faults that each of its searches words otherwise; the place in the text is ours. */
export class Faults {
  constructor(
    private readonly scanner: Scanner,
    private readonly grammar: Grammar,
  ) {}

  clause(from: number): PlatformError {
    const { text, name } = this.scanner;
    if (this.grammar.words === 'logged models')
      return this.scanner.fail(
        `Invalid ${name}: "${shortened(text)}". Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').`,
        from,
      );
    return this.scanner.fail(`Invalid clause(s) in ${name}: '${this.scanner.shown(from)}'`, from);
  }

  entity(written: string, from: number): PlatformError {
    const valid = quoted(Object.keys(this.grammar.prefixes));
    return this.scanner.fail(
      this.grammar.words === 'logged models'
        ? `Invalid entity type: '${written}'. Expected one of ${valid}.`
        : `Invalid entity type '${written}'. Valid values are ${valid}`,
      from,
    );
  }

  key({ entity, key, from }: Key, valid: readonly string[]): PlatformError {
    return this.scanner.fail(`Invalid ${entity} key '${key}' specified. Valid keys are ${quoted(valid)}`, from);
  }

  operator({ entity, key }: Key, operator: string, rule: Rule, from: number): PlatformError {
    const said = {
      'logged models': `Invalid comparison operator for ${entity}s.${key}: '${operator}'. Expected one of ${quoted(rule.operators)}.`,
      registry: `Invalid comparator for ${entity}${rule.type === 'text' ? '' : ` ${key}`}: ${operator}`,
      plain: `Invalid comparator '${operator}' not one of ${quoted(rule.operators)}`,
    };
    return this.scanner.fail(said[this.grammar.words ?? 'plain'], from);
  }
}

export const quoted = (names: readonly string[]): string => `['${names.join("', '")}']`;

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
