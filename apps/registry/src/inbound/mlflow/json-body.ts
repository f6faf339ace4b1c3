import { isUtf8 } from 'node:buffer';
import { readJsonText } from '#runtime';

/**
 * JSON as MLflow's server reads it, which is Python's way: integers of any size keep every digit (as bigint where a
 * double would lose some), and bare `NaN` and `Infinity` are numbers. Undefined when the body is none of it.
 */
export const readJson = (body: Buffer): unknown => {
  if (!isUtf8(body)) return undefined;
  const text = body.toString('utf8');
  if (/\d{16}/.test(text)) return parse(text, readJsonText);
  return parse(text, JSON.parse) ?? (/NaN|Infinity/.test(text) ? parse(text, readJsonText) : undefined);
};

const parse = (text: string, reader: (text: string) => unknown): unknown => {
  try {
    return reader(text);
  } catch {
    return undefined;
  }
};
