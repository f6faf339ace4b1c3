import { PlatformError } from '#runtime';

/** One clause of MLflow's filter language: `tag.team = 'a'` is `{entity: 'tag', key: 'team', operator: '=', value: 'a'}`. */
export interface Comparison {
  entity: 'attribute' | 'tag';
  key: string;
  operator: '=' | '!=' | 'LIKE' | 'ILIKE' | 'IN' | '<' | '<=' | '>' | '>=';
  value: string | number | string[];
}

const token = /\s*(?:(`[^`]*`|"[^"]*"|'[^']*')|(!=|<=|>=|=|<|>|\(|\)|,|\.)|([^\s=<>!(),'"`.]+))/y;

/**
 * Reads clauses joined by AND, as far as names, attributes and tags go. What a search does not know is refused clearly.
 * @throws PlatformError REQUEST_INVALID naming the clause that can't be read.
 */
export const parseFilter = (filter: string | undefined): Comparison[] => {
  if (filter === undefined || filter.trim() === '') return [];
  const tokens = tokenise(filter);
  const clauses: Comparison[] = [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  for (;;) {
    const { entity, key } = readKey(next, () => tokens[at]);
    const operator = readOperator(next(), filter);
    const value = operator === 'IN' ? readList(next, filter) : readValue(next(), filter);
    clauses.push({ entity, key, operator, value });
    if (at >= tokens.length) return clauses;
    const joint = next();
    if (joint.toUpperCase() !== 'AND') throw invalid(joint);
  }
};

const tokenise = (filter: string): string[] => {
  const tokens: string[] = [];
  token.lastIndex = 0;
  const text = filter.trimEnd();
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const found = token.exec(text) as (string | undefined)[] | null;
    if (found === null) throw invalid(text.slice(from));
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return tokens;
};

const entities: Record<string, Comparison['entity']> = {
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  tag: 'tag',
  tags: 'tag',
};

const readKey = (next: () => string, peek: () => string | undefined): Pick<Comparison, 'entity' | 'key'> => {
  const first = next();
  if (peek() !== '.') return { entity: 'attribute', key: bare(first) };
  next();
  const entity = entities[first.toLowerCase()] as Comparison['entity'] | undefined;
  if (entity === undefined)
    throw new PlatformError('REQUEST_INVALID', `Filters on '${first}.' are not supported; attributes and tags are.`);
  let key = bare(next());
  while (peek() === '.') key = `${key}${next()}${bare(next())}`;
  return { entity, key };
};

const operators = ['=', '!=', 'LIKE', 'ILIKE', 'IN', '<', '<=', '>', '>='] as const;

const readOperator = (text: string, filter: string): Comparison['operator'] => {
  const found = operators.find((operator) => operator === text.toUpperCase());
  if (found === undefined) throw invalid(text === '' ? filter : text);
  return found;
};

const readValue = (text: string, filter: string): string | number => {
  if (/^['"]/.test(text)) return bare(text);
  const number = Number(text);
  if (text === '' || Number.isNaN(number)) throw invalid(text === '' ? filter : text);
  return number;
};

const readList = (next: () => string, filter: string): string[] => {
  if (next() !== '(') throw invalid(filter);
  const values: string[] = [];
  for (;;) {
    values.push(String(readValue(next(), filter)));
    const mark = next();
    if (mark === ')') return values;
    if (mark !== ',') throw invalid(filter);
  }
};

const bare = (text: string): string => (/^[`"']/.test(text) ? text.slice(1, -1) : text);

const invalid = (clause: string): PlatformError =>
  new PlatformError('REQUEST_INVALID', `Invalid clause(s) in filter string: '${clause}'`);
