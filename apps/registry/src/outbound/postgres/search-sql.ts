import { PlatformError } from '#runtime';
import type { OrderBy } from '../../core/order-by.js';
import type { Comparison } from '../../core/search-filter.js';

/** What one search knows: its columns, and the table in which its tags lie. */
export interface SearchSpec {
  columns: Record<string, { sql: string; type: 'text' | 'number' }>;
  /** SQL of `exists (select …)` up to and without the conditions on `t.key` and `t.value`. */
  tags: string;
}

/** Collects conditions of a where clause with their parameters. */
export class Conditions {
  readonly parameters: unknown[] = [];
  private readonly clauses: string[] = [];

  /** The placeholder of a new parameter. */
  parameter(value: unknown): string {
    this.parameters.push(value);
    return `$${String(this.parameters.length)}`;
  }

  add(clause: string): void {
    this.clauses.push(clause);
  }

  /** @throws PlatformError REQUEST_INVALID for keys and operators that this search does not know. */
  addFilter(filter: readonly Comparison[], spec: SearchSpec): void {
    for (const comparison of filter)
      this.add(comparison.entity === 'tag' ? this.tag(comparison, spec) : this.attribute(comparison, spec));
  }

  where(): string {
    return this.clauses.length === 0 ? 'true' : this.clauses.join(' and ');
  }

  private attribute({ key, operator, value }: Comparison, { columns }: SearchSpec): string {
    const column = columns[key] as SearchSpec['columns'][string] | undefined;
    if (column === undefined)
      throw new PlatformError(
        'REQUEST_INVALID',
        `Invalid attribute key '${key}' specified. Valid keys are '${Object.keys(columns).join("', '")}'.`,
      );
    const fits = column.type === 'text' ? textOperators : numberOperators;
    if (!fits.includes(operator)) throw unfitting(operator, key);
    if (column.type === 'number' && typeof value !== 'number') throw unfitting(`'${String(value)}'`, key);
    return comparisonSql(column.sql, operator, this.parameter(column.type === 'text' ? textOf(value) : value));
  }

  /** An entity without the tag differs from every value: MLflow's own client asks so for "is no prompt". */
  private tag({ key, operator, value }: Comparison, { tags }: SearchSpec): string {
    if (!textOperators.includes(operator) || operator === 'IN') throw unfitting(operator, key);
    const named = `t.key = ${this.parameter(key)}`;
    const positive = operator === '!=' ? '=' : operator;
    const clause = `${tags} and ${named} and ${comparisonSql('t.value', positive, this.parameter(textOf(value)))})`;
    return operator === '!=' ? `not ${clause}` : clause;
  }
}

const textOperators: readonly Comparison['operator'][] = ['=', '!=', 'LIKE', 'ILIKE', 'IN'];
const numberOperators: readonly Comparison['operator'][] = ['=', '!=', '<', '<=', '>', '>='];

const textOf = (value: Comparison['value']): string | string[] => (Array.isArray(value) ? value : String(value));

const comparisonSql = (column: string, operator: Comparison['operator'], placeholder: string): string =>
  operator === 'IN' ? `${column} = any(${placeholder}::text[])` : `${column} ${operator} ${placeholder}`;

const unfitting = (operator: string, key: string): PlatformError =>
  new PlatformError('REQUEST_INVALID', `Invalid comparator or value ${operator} for '${key}'.`);

/** `order by` over allowed keys; `tieBreak` makes the order, and so the paging, certain. */
export const orderSql = (orderBy: readonly OrderBy[], columns: Record<string, string>, tieBreak: string): string =>
  [...orderBy.map(({ key, ascending }) => `${columns[key]} ${ascending ? 'asc' : 'desc'} nulls last`), tieBreak].join(
    ', ',
  );
