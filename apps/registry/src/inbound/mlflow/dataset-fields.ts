import { PlatformError } from '#runtime';
import { recordsOf } from '../../core/dataset-records.js';
import type { RecordCursor } from '../../core/evaluation-datasets.js';
import type { Tag } from '../../core/paging.js';
import { JsonNumber, type JsonValue } from '../../core/python-json.js';
import { readPythonJson } from '../../core/read-python-json.js';
import { checkLength } from '../../core/registry-names.js';
import { required } from './fields.js';

const KEY_LENGTH = 255;

/** Tags as JSON text, as the clients of evaluation datasets send them; null sets none. */
export const datasetTags = required.transform((json): Tag[] => {
  const tags = readPythonJson(json, 'tags');
  if (!(tags instanceof Map)) throw invalid("Invalid value for parameter 'tags' supplied: it must be a JSON object.");
  return Array.from(tags)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => {
      checkLength('key', key, KEY_LENGTH);
      return { key, value: tagText(key, value) };
    });
});

export const recordList = required.transform((json) => recordsOf(readPythonJson(json, 'records')));

/** What is no text is written as Python's `str` does. */
const tagText = (key: string, value: JsonValue): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof JsonNumber) return value.python();
  throw invalid(`Invalid value for tag '${key}' supplied: it must be a text.`);
};

export const cursorToken = ({ createdMs, recordId }: RecordCursor): string => btoa(`${String(createdMs)}:${recordId}`);

/** @throws PlatformError REQUEST_INVALID for a token that is none of ours. */
export const cursorOf = (token: string | undefined): RecordCursor | undefined => {
  if (token === undefined || token === '') return undefined;
  const [, createdMs, recordId] = /^(\d{1,15}):(.+)$/.exec(Buffer.from(token, 'base64').toString('latin1')) ?? [];
  if (!createdMs) throw invalid('Invalid page token, could not base64-decode');
  return { createdMs: Number(createdMs), recordId };
};

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);
