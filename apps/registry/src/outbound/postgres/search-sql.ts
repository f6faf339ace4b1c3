import type { Clause, Entity, Filter, Order, Test } from '../../core/search/clauses.js';

/** Where one search finds what its grammar speaks of. */
export interface SearchSpec {
  /** SQL of each attribute that can be compared or ordered by. */
  attributes: Readonly<Record<string, Term>>;
  /** Rows with `key` and `value` of what was logged: `registry.run_tags t where t.run_id = r.run_id`. */
  rows: Readonly<Partial<Record<Entity, string>>>;
  /** Which of several rows of one key an order takes: `order by … limit 1`. */
  latest?: string;
  /** The condition of a clause whose subject lies otherwise than in `rows`. */
  special?: (clause: Clause, conditions: Conditions) => string | undefined;
}

export interface Term {
  sql: string;
  type: 'text' | 'bigint' | 'double precision' | 'boolean';
  nullable?: true;
}

/** Collects conditions of a where clause with their parameters: what a user gave never becomes part of the SQL. */
export class Conditions {
  private readonly clauses: string[] = [];

  constructor(readonly parameters: unknown[] = []) {}

  /** Conditions of a query around this one: with the same parameters. */
  around(): Conditions {
    return new Conditions(this.parameters);
  }

  /** The placeholder of a new parameter. */
  parameter(value: unknown): string {
    this.parameters.push(value);
    return `$${String(this.parameters.length)}`;
  }

  add(clause: string): void {
    this.clauses.push(clause);
  }

  addFilter(filter: Filter, spec: SearchSpec): void {
    for (const clause of filter) this.add(spec.special?.(clause, this) ?? this.clause(clause, spec));
  }

  where(): string {
    return this.clauses.length === 0 ? 'true' : this.clauses.join(' and ');
  }

  /** `column` compared as the test says. A metric that is NaN differs from every number and is neither more nor less. */
  test(column: string, test: Test, type: Term['type'] = 'text'): string {
    if (test.type === 'presence') return `${column} ${test.operator}`;
    if (test.type === 'list') {
      const isOneOf = `${column} = any(${this.parameter(test.values)}::${type}[])`;
      return test.operator === 'IN' ? isOneOf : `not ${isOneOf}`;
    }
    if (test.type === 'text') return `${column} ${test.operator} ${this.parameter(test.value)}::${type}`;
    const cast = type === 'bigint' && Number.isSafeInteger(test.value) ? type : 'double precision';
    const compared = `${column} ${test.operator} ${this.parameter(String(test.value))}::${cast}`;
    return type !== 'bigint' && test.operator.startsWith('>') ? `${compared} and ${column} <= 'Infinity'` : compared;
  }

  /** Something was logged under the key, and it is as the clause says: what was not logged differs from nothing. */
  private clause({ entity, key, test }: Clause, { attributes, rows }: SearchSpec): string {
    if (entity === 'attribute') return this.test(attributes[key].sql, test, attributes[key].type);
    const named = `exists (select 1 from ${rows[entity] ?? ''} and t.key = ${this.parameter(key)}`;
    if (test.type === 'presence') return `${test.operator === 'IS NULL' ? 'not ' : ''}${named})`;
    return `${named} and ${this.test('t.value', test, entity === 'metric' ? 'double precision' : 'text')})`;
  }
}

export interface OrderTerm extends Term {
  ascending: boolean;
}

/** What results are ordered by, with the joins it needs. Missing values come last in both directions, before them NaN. */
export const orderTerms = (
  orders: readonly Order[],
  { attributes, rows, latest = '' }: SearchSpec,
  conditions: Conditions,
): { joins: string; terms: OrderTerm[] } => {
  const joins: string[] = [];
  const terms = orders.flatMap(({ entity, key, ascending, dataset }, at): OrderTerm[] => {
    if (entity === 'attribute') return [{ ...attributes[key], ascending }];
    const name = `o${String(at)}`;
    const ofDataset = dataset === undefined ? '' : ` and ${datasetSql(dataset, conditions)}`;
    joins.push(
      `left join lateral (select t.value from ${rows[entity] ?? ''} and t.key = ${conditions.parameter(key)}${ofDataset} ${latest}) ${name} on true`,
    );
    const value = `${name}.value`;
    if (entity !== 'metric') return [{ sql: value, type: 'text', nullable: true, ascending }];
    // To Postgres NaN is the greatest number; here it comes behind all of them, before what is missing.
    return [
      { sql: `nullif(${value}, 'NaN')`, type: 'double precision', nullable: true, ascending },
      { sql: `(${value} is null)`, type: 'boolean', ascending: true },
    ];
  });
  return { joins: joins.join(' '), terms };
};

/** A metric that was measured on the dataset. */
export const datasetSql = ({ name, digest }: { name: string; digest?: string }, conditions: Conditions): string => {
  const named = `t.dataset_name = ${conditions.parameter(name)}`;
  return digest === undefined ? named : `(${named} and t.dataset_digest = ${conditions.parameter(digest)})`;
};

export const orderBySql = (terms: readonly OrderTerm[]): string =>
  terms
    .map(({ sql, ascending, nullable }) => `${sql} ${ascending ? 'asc' : 'desc'}${nullable ? ' nulls last' : ''}`)
    .join(', ');
