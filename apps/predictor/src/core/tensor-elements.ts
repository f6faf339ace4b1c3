import type { Datatype } from '#contracts';
import { arrayOf, type TensorData } from '#onnx';

const integerRange: Partial<Record<Datatype, [bigint, bigint]>> = {
  INT8: [-(2n ** 7n), 2n ** 7n - 1n],
  INT16: [-(2n ** 15n), 2n ** 15n - 1n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT8: [0n, 2n ** 8n - 1n],
  UINT16: [0n, 2n ** 16n - 1n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
};

/** Room for so many elements of a type. */
export const allocate = (datatype: Datatype, length: number): TensorData => {
  const array = arrayOf[datatype];
  return array === null ? new Array<string>(length).fill('') : new array(length);
};

/**
 * Turns one JSON value into one element. Integers beyond 2^53 arrive as bigint.
 * @returns the element, or a `fault`: what is wrong with the value, to follow "must be".
 */
export const elementOf = (
  datatype: Datatype,
  value: unknown,
): { element: number | bigint | string } | { fault: string } => {
  if (datatype === 'BYTES') return textOf(value);
  if (datatype === 'BOOL') return typeof value === 'boolean' ? { element: Number(value) } : { fault: 'true or false' };
  if (typeof value !== 'number' && typeof value !== 'bigint') return { fault: 'a number' };
  const range = integerRange[datatype];
  if (range !== undefined) return integerOf(datatype, value, range);
  const number = Number(value);
  if (!Number.isFinite(number)) return { fault: 'a finite number' };
  if (datatype === 'FP32' && !Number.isFinite(Math.fround(number))) return { fault: 'within the range of FP32' };
  if (datatype === 'FP16') return { fault: 'sent in binary: FP16 has no JSON form' };
  return { element: number };
};

/** Half of a surrogate pair has no UTF-8: the model would be given another text than was sent. */
export const textOf = (value: unknown): { element: string } | { fault: string } => {
  if (typeof value !== 'string') return { fault: 'a string' };
  return value.isWellFormed() ? { element: value } : { fault: 'whole characters: it has half of a surrogate pair' };
};

const integerOf = (
  datatype: Datatype,
  value: number | bigint,
  [lowest, highest]: [bigint, bigint],
): { element: number | bigint } | { fault: string } => {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return { fault: `a whole number (${datatype})` };
  const whole = BigInt(value);
  if (whole < lowest || whole > highest) return { fault: `within the range of ${datatype}` };
  return { element: datatype === 'INT64' || datatype === 'UINT64' ? whole : Number(whole) };
};

/** Puts an element that `elementOf` made for the same datatype in its place. */
export const setElement = (data: TensorData, at: number, element: number | bigint | string): void => {
  (data as (number | bigint | string)[])[at] = element;
};
