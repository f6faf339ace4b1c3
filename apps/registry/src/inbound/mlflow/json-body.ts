import { isUtf8 } from 'node:buffer';

/**
 * JSON as MLflow's server reads it, which is Python's way: integers of any size keep every digit (as bigint where a
 * double would lose some), and bare `NaN` and `Infinity` are values. Undefined when the body is none of it.
 */
export const readJson = (body: Buffer): unknown => {
  if (!isUtf8(body)) return undefined;
  const text = body.toString('utf8');
  return parse(text) ?? (/NaN|Infinity/.test(text) ? parse(quoted(text)) : undefined);
};

const parse = (text: string): unknown => {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The third argument is the source text of a primitive value. */
const exact = (_: string, value: unknown, context?: { source?: string }): unknown => {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d{1,400}$/.test(source) ? BigInt(source) : value;
};

/** Python's words for what JSON has none for, as protobuf's JSON spells them; texts stay as they are. */
const quoted = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (token) => (token.startsWith('"') ? token : `"${token}"`));
