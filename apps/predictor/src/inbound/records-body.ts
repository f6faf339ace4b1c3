import { WrittenRecord, type RecordsBody } from '../core/encode-records.js';
import { jsonBody } from './json-body.js';
import { closingQuote } from './json-strings.js';

/** Reads the body of `POST /predict`. @throws PlatformError INPUT_INVALID, when it is read, with what to send instead. */
export const recordsBody = (body: unknown): RecordsBody => ({
  byName: () => jsonBody(body),
  asWritten: () => {
    const value = jsonBody(body);
    return Array.isArray(value) ? (jsonBody(numberKeys(body as Uint8Array)) as unknown[]).map(writtenRecord) : value;
  },
});

/**
 * JSON text with a number and a colon in front of each key: `JSON.parse` moves keys such as `"10"` to the front of an object
 * and keeps only the last of equal ones, and now none is like an integer or like another. In valid JSON every quote outside
 * of a string begins one, so strings are found without parsing; those before a colon are keys.
 */
const numberKeys = (json: Uint8Array): Uint8Array => {
  const text = new TextDecoder().decode(json);
  let numbered = '';
  let written = 0;
  let count = 0;
  for (let open = text.indexOf('"'), close; open !== -1; open = text.indexOf('"', close + 1)) {
    close = closingQuote(text, open);
    if (!isBeforeColon(text, close + 1)) continue;
    numbered += `${text.slice(written, open + 1)}${String(count++)}:`;
    written = open + 1;
  }
  return new TextEncoder().encode(numbered + text.slice(written));
};

const isBeforeColon = (text: string, from: number): boolean => {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
};

const writtenRecord = (record: unknown): unknown =>
  typeof record === 'object' && record !== null && !Array.isArray(record)
    ? new WrittenRecord(Object.entries(record).map(([key, value]) => [key.slice(key.indexOf(':') + 1), value]))
    : record;
