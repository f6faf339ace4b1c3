/**
 * Writes JSON exactly as Python does: a space after `:` and `,`, all but ASCII escaped. What MLflow's clients compare or
 * hash as text must be this text.
 */
export const pythonJson = (value: unknown, options: { sortKeys?: boolean } = {}): string => {
  if (value instanceof Map) return pythonObject([...(value as JsonObject)], options);
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, options)).join(', ')}]`;
  if (value instanceof JsonNumber) return value.python();
  if (typeof value === 'object' && value !== null) return pythonObject(Object.entries(value), options);
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value ?? null);
};

const pythonObject = (entries: [string, unknown][], options: { sortKeys?: boolean }): string => {
  const ordered = options.sortKeys ? entries.toSorted(([one], [other]) => byCodePoint(one, other)) : entries;
  return `{${ordered.map(([key, item]) => `${quoted(key)}: ${pythonJson(item, options)}`).join(', ')}}`;
};

const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Python orders strings by code points, JavaScript by UTF-16 units. */
const byCodePoint = (one: string, other: string): number => {
  const [a, b] = [Array.from(one), Array.from(other)];
  const at = a.findIndex((char, index) => char !== b[index]);
  if (at === -1) return a.length - b.length;
  return at >= b.length ? 1 : (a[at].codePointAt(0) ?? 0) - (b[at].codePointAt(0) ?? 0);
};

/** Values of JSON that was read with `readPythonJson`: numbers as written, objects with their keys in order. */
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

/** A number as it was written: `1` and `1.0` are two things to Python, and integers have no end. */
export class JsonNumber {
  constructor(readonly text: string) {}

  get isInteger(): boolean {
    return /^-?\d+$/.test(this.text);
  }

  /** As Python writes it again after reading it. */
  python(): string {
    if (this.isInteger) return this.text === '-0' ? '0' : this.text;
    const value = Number(this.text);
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
    return pythonFloat(value);
  }
}

/** Python turns to exponents at 1e16 and below 1e-4, and writes them with two digits at least. */
const pythonFloat = (value: number): string => {
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [mantissa, exponent] = value.toExponential().split('e');
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
};
