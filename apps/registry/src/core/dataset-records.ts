import { createHash } from 'node:crypto';
import { PlatformError } from '#runtime';
import { JsonNumber, pythonJson, type JsonObject, type JsonValue } from './python-json.js';

/** A record as it is kept; what is JSON is kept as Python writes it. */
export interface DatasetRecord {
  recordId: string;
  inputHash: string;
  inputs: JsonValue;
  /** Undefined when they were set to null. */
  outputs?: JsonValue;
  expectations?: JsonObject;
  tags: JsonObject;
  source?: JsonObject;
  sourceId?: string;
  sourceType?: string;
  createdMs: number;
  updatedMs: number;
  createdBy?: string;
  updatedBy?: string;
}

/** A record as a client sends it. */
export interface GivenRecord {
  inputHash: string;
  inputs: JsonObject;
  /** Null is a value to set, undefined leaves what is there. */
  outputs: JsonValue | undefined;
  expectations: JsonObject | undefined;
  tags: JsonObject | undefined;
  source: JsonObject | undefined;
}

const USER_TAG = 'mlflow.user';
const SOURCE_TYPES = ['UNSPECIFIED', 'TRACE', 'HUMAN', 'DOCUMENT', 'CODE'];

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/** @throws PlatformError REQUEST_INVALID when it is no list of records. */
export const recordsOf = (json: JsonValue): GivenRecord[] => {
  if (!Array.isArray(json)) throw invalid("Invalid value for parameter 'records' supplied: it must be a JSON list.");
  return json.map((item, at) => {
    if (!(item instanceof Map)) throw invalid(`Invalid value for parameter 'records[${String(at)}]': no JSON object.`);
    const inputs = objectOf(item, 'inputs', at) ?? new Map<string, JsonValue>();
    if (item.get('inputs') === null)
      throw invalid(`Invalid value for parameter 'records[${String(at)}].inputs': null.`);
    return {
      // The text that MLflow hashes: records with the same inputs are the same record.
      inputHash: createHash('sha256')
        .update(pythonJson(inputs, { sortKeys: true }))
        .digest('hex'),
      inputs,
      outputs: item.get('outputs'),
      expectations: objectOf(item, 'expectations', at),
      tags: objectOf(item, 'tags', at),
      source: sourceOf(objectOf(item, 'source', at), at),
    };
  });
};

export const newRecord = (given: GivenRecord, recordId: string, nowMs: number): DatasetRecord => {
  const user = userOf(given.tags);
  const { inputHash, inputs, expectations, source } = given;
  const data = source?.get('source_data') as JsonObject | undefined;
  const sourceType = source?.get('source_type') as string | undefined;
  const sourceId = data?.get(sourceType === 'TRACE' ? 'trace_id' : 'source_id');
  return {
    ...{ recordId, inputHash, inputs, expectations, source, sourceType },
    outputs: given.outputs === null ? undefined : (given.outputs ?? new Map<string, JsonValue>()),
    tags: given.tags ?? new Map<string, JsonValue>(),
    sourceId: typeof sourceId === 'string' ? sourceId : undefined,
    ...{ createdMs: nowMs, updatedMs: nowMs, createdBy: user, updatedBy: user },
  };
};

/** What was there before stays unless the new record says otherwise; where it came from stays in any case. */
export const mergedRecord = (record: DatasetRecord, given: GivenRecord, nowMs: number): DatasetRecord => ({
  ...record,
  outputs: given.outputs === undefined ? record.outputs : (given.outputs ?? undefined),
  expectations: given.expectations?.size
    ? new Map([...(record.expectations ?? []), ...given.expectations])
    : record.expectations,
  tags: new Map([...record.tags, ...(given.tags ?? [])]),
  updatedMs: nowMs,
  updatedBy: userOf(given.tags) ?? record.updatedBy,
});

/** Who a batch of records says it is from: the last of them that says so. */
export const userOf = (tags: JsonObject | undefined): string | undefined => {
  const user = tags?.get(USER_TAG);
  return typeof user === 'string' ? user : undefined;
};

/** The types of fields that were not known yet, added to a schema that is kept as JSON. */
export const schemaWith = (schema: JsonObject | undefined, records: readonly GivenRecord[]): JsonObject => {
  const grown: JsonObject = new Map(
    schema ?? [
      ['inputs', new Map()],
      ['outputs', new Map()],
      ['expectations', new Map()],
      ['version', '1.0'],
    ],
  );
  const add = (part: string, fields: JsonObject): void => {
    const known = grown.get(part);
    if (known instanceof Map) grown.set(part, new Map([...known, ...typesOf(fields, known)]));
  };
  for (const { inputs, outputs, expectations } of records) {
    add('inputs', inputs);
    if (outputs instanceof Map) add('outputs', outputs);
    else if (outputs !== undefined && outputs !== null) {
      const known = grown.get('outputs');
      if (known instanceof Map && known.size === 0) grown.set('outputs', typeOf(outputs));
    }
    if (expectations !== undefined) add('expectations', expectations);
  }
  return grown;
};

const typesOf = (fields: JsonObject, known: JsonObject): [string, string][] =>
  Array.from(fields)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => [key, typeOf(value)]);

const typeOf = (value: JsonValue): string => {
  if (value === null) return 'null';
  if (value instanceof JsonNumber) return value.isInteger ? 'integer' : 'float';
  if (Array.isArray(value)) return 'array';
  return value instanceof Map ? 'object' : typeof value === 'boolean' ? 'boolean' : 'string';
};

const objectOf = (record: JsonObject, field: string, at: number): JsonObject | undefined => {
  const value = record.get(field);
  if (value === undefined || value === null) return undefined;
  if (value instanceof Map) return value;
  throw invalid(`Invalid value for parameter 'records[${String(at)}].${field}' supplied: it must be a JSON object.`);
};

const sourceOf = (source: JsonObject | undefined, at: number): JsonObject | undefined => {
  if (source === undefined || source.size === 0) return undefined;
  const unknown = Array.from(source.keys()).find((key) => !['source_type', 'source_data'].includes(key));
  const type = source.get('source_type');
  if (unknown !== undefined || typeof type !== 'string')
    throw invalid(
      `Invalid value for parameter 'records[${String(at)}].source' supplied: it has a 'source_type' and may have 'source_data'.`,
    );
  if (!SOURCE_TYPES.includes(type.toUpperCase()))
    throw invalid(
      `Invalid dataset record source type: ${type.toUpperCase()}. Valid source types: [${SOURCE_TYPES.map((known) => `'${known}'`).join(', ')}]`,
    );
  return new Map<string, JsonValue>([
    ['source_type', type.toUpperCase()],
    ['source_data', objectOf(source, 'source_data', at) ?? new Map<string, JsonValue>()],
  ]);
};
