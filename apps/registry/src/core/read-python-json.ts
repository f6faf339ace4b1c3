import { PlatformError } from '#runtime';
import { JsonNumber, type JsonObject, type JsonValue } from './python-json.js';

/** Deeper than any record, and far from what the stack holds. */
const DEPTH = 500;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN/y;
const SPACE = /[ \t\n\r]*/y;
const WORD = /true|false|null/y;

/**
 * Reads JSON as Python does: keeps how numbers are written and in which order keys stand, and knows NaN and Infinity.
 * @throws PlatformError REQUEST_INVALID naming `field` and where the text stops being JSON.
 */
export const readPythonJson = (text: string, field: string): JsonValue => {
  let at = 0;
  const fail = (): never => {
    throw new PlatformError(
      'REQUEST_INVALID',
      `Invalid value for parameter '${field}' supplied: it is no JSON (at character ${String(at)}).`,
    );
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const mark = (): string => {
    match(SPACE);
    return text[at] ?? '';
  };
  const string = (): string => {
    const end = endOfString(text, at);
    if (end === undefined) return fail();
    try {
      const read = JSON.parse(text.slice(at, end)) as string;
      at = end;
      return read;
    } catch {
      return fail();
    }
  };

  const array = (depth: number): JsonValue[] => {
    const items: JsonValue[] = [];
    at++;
    if (mark() === ']') return (at++, items);
    for (;;) {
      items.push(value(depth));
      const end = mark();
      at++;
      if (end === ']') return items;
      if (end !== ',') return fail();
    }
  };
  const object = (depth: number): JsonObject => {
    const entries: JsonObject = new Map();
    at++;
    if (mark() === '}') return (at++, entries);
    for (;;) {
      mark();
      const key = string();
      if (mark() !== ':') return fail();
      at++;
      entries.set(key, value(depth));
      const end = mark();
      at++;
      if (end === '}') return entries;
      if (end !== ',') return fail();
    }
  };
  const value = (depth: number): JsonValue => {
    if (depth > DEPTH) return fail();
    const first = mark();
    if (first === '{') return object(depth + 1);
    if (first === '[') return array(depth + 1);
    if (first === '"') return string();
    const number = match(NUMBER);
    if (number !== undefined && number !== '') return new JsonNumber(number);
    const word = match(WORD);
    return word === undefined ? fail() : word === 'null' ? null : word === 'true';
  };

  const read = value(0);
  if (mark() !== '') return fail();
  return read;
};

/** Behind the closing quote of the string that begins at `at`. No expression: those overflow the stack on long texts. */
const endOfString = (text: string, at: number): number | undefined => {
  if (text[at] !== '"') return undefined;
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (text[quote - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
  return undefined;
};
