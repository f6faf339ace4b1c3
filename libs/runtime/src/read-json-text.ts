/** Deeper than any message, and far from what the stack holds. */
const DEPTH = 500;
/** Integers with more digits are infinite, as any double beyond the greatest. */
const MAX_DIGITS = 400;
const words: [string, unknown][] = Object.entries({
  true: true,
  false: false,
  null: null,
  NaN,
  Infinity,
  '-Infinity': -Infinity,
});

/**
 * Reads JSON with Python's words `NaN`, `Infinity` and `-Infinity` as the numbers they are, and integers beyond a double's
 * digits as bigint. It goes over the text once, whatever it holds: what is no JSON ends it where that shows.
 * @throws SyntaxError
 */
export const readJsonText = (text: string): unknown => {
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(`no JSON at character ${String(at)}`);
  };
  const mark = (): number => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      at++;
    }
  };

  /** A quote closes unless an odd number of backslashes stands before it; no two quotes share theirs. */
  const string = (): string => {
    const start = at;
    for (at++; ; at++) {
      at = text.indexOf('"', at);
      if (at < 0) return fail();
      let before = at;
      while (text.charCodeAt(before - 1) === 0x5c) before--;
      if ((at - before) % 2 === 0) break;
    }
    return JSON.parse(text.slice(start, ++at)) as string;
  };

  const number = (): number | bigint => {
    const start = at;
    let isWhole = true;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x30 && code <= 0x39) continue;
      if (code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b) isWhole = false;
      else if (code !== 0x2d) break;
    }
    const source = text.slice(start, at);
    const read = JSON.parse(source) as number;
    return isWhole && !Number.isSafeInteger(read) && source.length <= MAX_DIGITS ? BigInt(source) : read;
  };

  const array = (depth: number): unknown[] => {
    const items: unknown[] = [];
    at++;
    if (mark() === 0x5d) return (at++, items);
    for (;;) {
      items.push(value(depth));
      const end = mark();
      at++;
      if (end === 0x5d) return items;
      if (end !== 0x2c) return fail();
    }
  };

  const object = (depth: number): object => {
    const entries: Record<string, unknown> = {};
    at++;
    if (mark() === 0x7d) return (at++, entries);
    for (;;) {
      if (mark() !== 0x22) return fail();
      const key = string();
      if (mark() !== 0x3a) return fail();
      at++;
      const entry = value(depth);
      if (key !== '__proto__') entries[key] = entry;
      else Object.defineProperty(entries, key, { value: entry, enumerable: true, configurable: true, writable: true });
      const end = mark();
      at++;
      if (end === 0x7d) return entries;
      if (end !== 0x2c) return fail();
    }
  };

  const value = (depth: number): unknown => {
    if (depth > DEPTH) return fail();
    const first = mark();
    if (first === 0x22) return string();
    if (first === 0x7b) return object(depth + 1);
    if (first === 0x5b) return array(depth + 1);
    for (const [word, meaning] of words)
      if (first === word.charCodeAt(0) && text.startsWith(word, at)) return ((at += word.length), meaning);
    return number();
  };

  const read = value(0);
  mark();
  return at === text.length ? read : fail();
};
