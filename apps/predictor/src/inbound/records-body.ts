import { WrittenRecord, type RecordsBody } from '../core/encode-records.js';
import { jsonBody } from './json-body.js';

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
  let count = 0;
  const numbered = new TextDecoder()
    .decode(json)
    .replace(STRING_AND_COLON, (text: string, colon: string | undefined) =>
      colon === undefined ? text : `"${String(count++)}:${text.slice(1)}`,
    );
  return new TextEncoder().encode(numbered);
};

const STRING_AND_COLON = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

const writtenRecord = (record: unknown): unknown =>
  typeof record === 'object' && record !== null && !Array.isArray(record)
    ? new WrittenRecord(Object.entries(record).map(([key, value]) => [key.slice(key.indexOf(':') + 1), value]))
    : record;
