/** A 64-bit integer: a number as long as a double holds it exactly, a bigint beyond. Any step and timestamp may be one. */
export type Int64 = number | bigint;

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Reads decimal digits (as PostgreSQL and JSON write them) without losing any. */
export const int64Of = (digits: string | Int64): Int64 => {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
};

/** The integer that a text, number or bigint stands for; undefined when it stands for none or for one beyond 64 bits. */
export const readInt64 = (value: unknown): Int64 | undefined => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : large(value);
  if (typeof value === 'bigint') return within(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[+-]?\d{1,400}$/.test(text)) return within(BigInt(text.replace('+', '')));
  // protobuf's JSON takes `5.0` and `1e3` for integers too.
  return /^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text) ? readInt64(Number(text)) : undefined;
};

const large = (value: number): Int64 | undefined => (Number.isInteger(value) ? within(BigInt(value)) : undefined);

const within = (value: bigint): Int64 | undefined => (value < MIN || value > MAX ? undefined : int64Of(value));
