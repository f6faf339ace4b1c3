import type { Datatype } from '#contracts';
import { fitsHalf, halfOf } from '../half-floats.js';
import { elementOf, textOf } from '../tensor-elements.js';

type Cast = { element: number | bigint | string } | { fault: string };

/**
 * Turns a value of a data frame into an element, as lenient as pandas is for MLflow and no more: numbers in texts are numbers,
 * true is 1, a whole number may be written 1.0, and what is missing (null, absent, NaN) is NaN where the type has one. What
 * would lose something, 1.5 for a whole number, is refused where pandas cuts it off in silence.
 * @returns the element, or a `fault`: what is wrong with the value, to follow "must be".
 */
export const castCell = (datatype: Datatype, value: unknown): Cast => {
  if (datatype === 'BYTES') return textOf(value);
  if (datatype === 'BOOL') return castTruth(value);
  const number = numberIn(value);
  if (number === undefined) return { fault: 'a number' };
  if (isTooLarge(value, number)) return { fault: `within the range of ${datatype}` };
  if (datatype === 'FP16')
    return fitsHalf(Number(number)) ? { element: halfOf(Number(number)) } : { fault: 'within the range of FP16' };
  if (datatype === 'FP32' || datatype === 'FP64') {
    const float = Number(number);
    if (!Number.isFinite(float)) return { element: float };
    return elementOf(datatype, float);
  }
  return elementOf(datatype, number);
};

/** Digits that a double does not hold. Infinity itself is no digits but a word, or was one. */
const isTooLarge = (value: unknown, number: number | bigint): boolean =>
  Math.abs(Number(number)) === Infinity &&
  (typeof number === 'bigint' || (typeof value === 'string' && /\d/.test(value)));

const castTruth = (value: unknown): Cast => {
  if (typeof value === 'boolean') return { element: Number(value) };
  if (value === 0 || value === 1) return { element: value };
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (word === 'true' || word === 'false') return { element: word === 'true' ? 1 : 0 };
  return { fault: 'true or false' };
};

/** NaN for what is missing, undefined for what is no number. */
const numberIn = (value: unknown): number | bigint | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (value === null || value === undefined) return NaN;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? numberInText(value.trim()) : undefined;
};

/** No digit can be matched in two ways: texts come from clients, and trying all ways would take the square of their length. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const WHOLE = /^[+-]?\d{16,400}$/;
const words: ReadonlyMap<string, number> = new Map(Object.entries({ nan: NaN, inf: Infinity, infinity: Infinity }));

const numberInText = (text: string): number | bigint | undefined => {
  if (WHOLE.test(text)) return BigInt(text.replace(/^\+/, ''));
  if (NUMBER.test(text)) return Number(text);
  const word = words.get(text.replace(/^[+-]/, '').toLowerCase());
  return word !== undefined && text.startsWith('-') ? -word : word;
};
