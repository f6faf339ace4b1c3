/** What a clause can speak of. An attribute is a field of the thing itself, the others are what was logged to it. */
export type Entity = 'attribute' | 'tag' | 'param' | 'metric' | 'dataset';

export type NumberOperator = '=' | '!=' | '>' | '>=' | '<' | '<=';
export type TextOperator = '=' | '!=' | 'LIKE' | 'ILIKE';
export type ListOperator = 'IN' | 'NOT IN';
export type PresenceOperator = 'IS NULL' | 'IS NOT NULL';
export type Operator = NumberOperator | TextOperator | ListOperator | PresenceOperator;

export type Test =
  | { type: 'number'; operator: NumberOperator; value: number }
  | { type: 'text'; operator: TextOperator; value: string }
  | { type: 'list'; operator: ListOperator; values: readonly string[] }
  | { type: 'presence'; operator: PresenceOperator };

/** One comparison: `tags.team = 'a'`. Its key has its one true name, whatever alias was written. */
export interface Clause {
  entity: Entity;
  key: string;
  test: Test;
}

/** All of its clauses hold. */
export type Filter = readonly Clause[];

export interface Order {
  entity: Entity;
  key: string;
  ascending: boolean;
  /** For a metric of a logged model: the dataset on which it was measured. */
  dataset?: { name: string; digest?: string };
}
