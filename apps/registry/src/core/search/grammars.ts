import type { Entity, Operator } from './clauses.js';

const ordering: readonly Operator[] = ['=', '!=', '>', '>=', '<', '<='];
const text: readonly Operator[] = ['=', '!=', 'LIKE', 'ILIKE'];
const lists: readonly Operator[] = ['IN', 'NOT IN'];
const presence: readonly Operator[] = ['IS NULL', 'IS NOT NULL'];

/** What may stand to the right of a key: a text, any number, a whole number (`quoted`: in quotes as well), an id. */
export interface Rule {
  type: 'text' | 'number' | 'integer' | 'quoted integer' | 'id';
  operators: readonly Operator[];
}

const TEXT: Rule = { type: 'text', operators: text };
const LISTED: Rule = { type: 'text', operators: [...text, ...lists] };
const OPTIONAL: Rule = { type: 'text', operators: [...text, ...presence] };
const NUMBER: Rule = { type: 'number', operators: ordering };
const INTEGER: Rule = { type: 'integer', operators: ordering };

/** The language of one search: which entities and keys it knows, and what each may be compared with. */
export interface Grammar {
  /** What is written before the dot; nothing before means an attribute. */
  prefixes: Readonly<Record<string, Entity>>;
  attributes: Readonly<Record<string, Rule>>;
  /** Other names of attributes. */
  aliases?: Readonly<Record<string, string>>;
  tag?: Rule;
  param?: Rule;
  metric?: Rule;
  /** Keys of datasets. */
  datasets?: Readonly<Record<string, Rule>>;
  /** A text may stand without quotes, as in `params.lr = 0.01`. */
  bareText?: true;
  /** Whose words tell faults, where MLflow's searches differ. */
  words?: 'registry' | 'logged models';
  /** By what results can be ordered: attributes (or names that only an order knows), and whole entities. */
  order: { attributes: readonly string[]; aliases?: Readonly<Record<string, string>>; entities: readonly Entity[] };
}

export const runs: Grammar = {
  prefixes: {
    ...{ attribute: 'attribute', attributes: 'attribute', attr: 'attribute', run: 'attribute' },
    ...{ metric: 'metric', metrics: 'metric' },
    ...{ param: 'param', params: 'param', parameter: 'param', parameters: 'param' },
    ...{ tag: 'tag', tags: 'tag', dataset: 'dataset', datasets: 'dataset' },
  },
  attributes: {
    run_id: LISTED,
    run_name: TEXT,
    user_id: TEXT,
    status: TEXT,
    artifact_uri: TEXT,
    start_time: NUMBER,
    end_time: NUMBER,
  },
  aliases: {
    created: 'start_time',
    Created: 'start_time',
    'run name': 'run_name',
    'Run name': 'run_name',
    'Run Name': 'run_name',
  },
  tag: OPTIONAL,
  param: OPTIONAL,
  metric: NUMBER,
  datasets: { name: LISTED, digest: LISTED, context: LISTED },
  order: {
    attributes: ['run_id', 'run_name', 'user_id', 'status', 'artifact_uri', 'start_time', 'end_time'],
    aliases: { created: 'start_time', Created: 'start_time' },
    entities: ['metric', 'param', 'tag'],
  },
};

export const experiments: Grammar = {
  prefixes: { attribute: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: TEXT,
    experiment_id: { type: 'id', operators: ['=', '!=', ...lists] },
    creation_time: INTEGER,
    last_update_time: INTEGER,
  },
  tag: OPTIONAL,
  order: { attributes: ['name', 'experiment_id', 'creation_time', 'last_update_time'], entities: [] },
};

export const registeredModels: Grammar = {
  prefixes: { attribute: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: { name: LISTED },
  tag: TEXT,
  words: 'registry',
  order: {
    attributes: ['name', 'last_updated_timestamp'],
    aliases: { timestamp: 'last_updated_timestamp' },
    entities: [],
  },
};

export const modelVersions: Grammar = {
  prefixes: { attribute: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: LISTED,
    version_number: { type: 'quoted integer', operators: ordering },
    run_id: LISTED,
    source_path: TEXT,
  },
  tag: TEXT,
  words: 'registry',
  order: { attributes: ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'], entities: [] },
};

export const loggedModels: Grammar = {
  prefixes: { attributes: 'attribute', metrics: 'metric', params: 'param', tags: 'tag' },
  attributes: {
    name: LISTED,
    model_id: LISTED,
    experiment_id: { type: 'id', operators: ['=', '!=', ...lists] },
    status: LISTED,
    status_message: LISTED,
    model_type: LISTED,
    source_run_id: LISTED,
    artifact_location: LISTED,
    lifecycle_stage: LISTED,
    creation_timestamp: NUMBER,
    last_updated_timestamp: NUMBER,
  },
  aliases: {
    creation_time: 'creation_timestamp',
    creation_timestamp_ms: 'creation_timestamp',
    last_updated_time: 'last_updated_timestamp',
    last_updated_timestamp_ms: 'last_updated_timestamp',
  },
  tag: LISTED,
  param: LISTED,
  metric: NUMBER,
  bareText: true,
  words: 'logged models',
  order: {
    attributes: [
      ...['name', 'model_id', 'experiment_id', 'status', 'status_message', 'model_type', 'source_run_id'],
      ...['artifact_location', 'lifecycle_stage', 'creation_timestamp', 'last_updated_timestamp'],
    ],
    entities: ['metric'],
  },
};

export const evaluationDatasets: Grammar = {
  prefixes: { tags: 'tag' },
  attributes: {
    name: { type: 'text', operators: [...text, 'IN'] },
    created_by: TEXT,
    last_updated_by: TEXT,
    created_time: INTEGER,
    last_update_time: INTEGER,
  },
  tag: TEXT,
  order: { attributes: ['name', 'created_time', 'last_update_time'], entities: [] },
};
