/**
 * Texts as Python spells them. MLflow's messages carry them, and people compare the messages of two servers.
 */

/** `repr` of a text: single quotes unless it holds one and no double quote. */
export const pythonRepr = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\u0000-\u001f\u007f-\u00a0\u00ad\ud800-\udfff]|\p{Surrogate}/gu, escape);
  return `${quote}${quote === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped}${quote}`;
};

const names: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escape = (character: string): string => {
  const code = character.charCodeAt(0);
  return names[character] ?? (code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`);
};

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** `json.dumps` with its default of plain ASCII, keys sorted, no spaces. */
export const pythonJson = (value: unknown): string =>
  dump(value).replace(/[\u007f-\uffff]/g, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);

const dump = (value: unknown): string => {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(dump).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${dump(entry)}`).join(',')}}`;
};

/** The name of the type that Python's JSON reader makes of a value. */
export const pythonType = (value: unknown): string => {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'NoneType';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : 'dict';
};

/** A float as Python prints it: `1.0`, where JavaScript prints `1`. */
export const pythonFloat = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${String(value)}.0` : String(value);
};

/** Length in characters as Python counts them: one for what UTF-16 needs two units for. */
export const lengthOf = (text: string): number => {
  let length = text.length;
  for (const _ of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) length -= 1;
  return length;
};

export const isLonger = (text: string, limit: number): boolean => text.length > limit && lengthOf(text) > limit;

/** The first `limit` characters. */
export const cut = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  // No more than twice as many units can be wanted; what follows need not be looked at.
  return Array.from(text.slice(0, 2 * limit))
    .slice(0, limit)
    .join('');
};

/** `posixpath.normpath`. */
export const normalPath = (path: string): string => {
  if (path === '') return '.';
  const root = /^\/\/(?!\/)/.test(path) ? '//' : path.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || (root === '' && (parts.length === 0 || parts.at(-1) === '..'))) parts.push(part);
    else parts.pop();
  }
  return `${root}${parts.join('/')}` || '.';
};
