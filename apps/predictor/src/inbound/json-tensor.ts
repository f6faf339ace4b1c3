import { type Datatype } from '#contracts';
import { elementCount, type Tensor, type TensorData } from '#onnx';
import { PlatformError } from '#runtime';
import { allocate, elementOf } from '../core/tensor-elements.js';

/**
 * A tensor's elements as the Open Inference Protocol has them in JSON: row-major, flat or nested as the shape says. Each value is
 * stored as it is read and compared with what the array made of it, so that a good request costs one pass and no object.
 * @throws PlatformError INPUT_INVALID naming the input and the element.
 */
export const readJsonTensor = (tensor: Omit<Tensor, 'data'>, data: unknown[]): TensorData => {
  const { name, datatype, shape } = tensor;
  const count = elementCount(shape);
  const isNested = shape.length > 1 && Array.isArray(data[0]);
  // Room is made only when the values are there, so that a shape alone can't ask for gigabytes.
  if (isNested ? !isNestedAs(shape, data, 0, name) : data.length !== count)
    throw invalid(
      `Input "${name}" has ${String(data.length)} values; shape [${shape.join(', ')}] needs ${String(count)}.`,
    );
  const elements = allocate(datatype, count);
  if (isNested) fillNested(tensor, elements, data, 0, 0);
  else fill(tensor, elements, data, 0);
  return elements;
};

/** Nested lists must be nested as the shape says, everywhere. @throws PlatformError INPUT_INVALID where they are not. */
const isNestedAs = (shape: readonly number[], data: unknown[], axis: number, name: string): boolean => {
  if (data.length !== shape[axis])
    throw invalid(
      `Input "${name}" has ${String(data.length)} values where axis ${String(axis)} of its shape has ${String(shape[axis])}.`,
    );
  if (axis === shape.length - 1) return true;
  return data.every((value) => {
    if (!Array.isArray(value)) throw invalid(`Input "${name}" is nested in some places and not in others.`);
    return isNestedAs(shape, value, axis + 1, name);
  });
};

const fillNested = (
  tensor: Omit<Tensor, 'data'>,
  elements: TensorData,
  data: unknown[],
  axis: number,
  from: number,
): number => {
  if (axis === tensor.shape.length - 1) {
    fill(tensor, elements, data, from);
    return from + data.length;
  }
  return data.reduce<number>((at, value) => fillNested(tensor, elements, value as unknown[], axis + 1, at), from);
};

const fill = (tensor: Omit<Tensor, 'data'>, elements: TensorData, values: unknown[], from: number): void => {
  const bad = fillers[tensor.datatype](elements as never, values, from);
  if (bad === -1) return;
  const { name, datatype, shape } = tensor;
  if (Array.isArray(values[bad]))
    throw invalid(`Input "${name}" is nested deeper than its shape [${shape.join(', ')}], or in some places only.`);
  const made = elementOf(datatype, values[bad]);
  const fault = 'fault' in made ? made.fault : `within the range of ${datatype}`;
  throw invalid(`Input "${name}", element ${placeOf(from + bad, shape)}, must be ${fault}.`);
};

/** Stores values from a place on; says where the first lies that can't be stored, -1 for none. */
type Filler<A> = (elements: A, values: unknown[], from: number) => number;

/** What was stored is compared with what came: that finds fractions, and all that is out of range. */
const wholeNumbers: Filler<Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array> = (
  elements,
  values,
  from,
) => {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== 'number') return at;
    elements[from + at] = value;
    if (elements[from + at] !== value) return at;
  }
  return -1;
};

const floats: Filler<Float32Array | Float64Array> = (elements, values, from) => {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== 'number' && typeof value !== 'bigint') return at;
    elements[from + at] = Number(value);
    if (!Number.isFinite(elements[from + at])) return at;
  }
  return -1;
};

const bigIntegers: Filler<BigInt64Array | BigUint64Array> = (elements, values, from) => {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value === 'number' ? !Number.isSafeInteger(value) : typeof value !== 'bigint') return at;
    const whole = BigInt(value as number | bigint);
    elements[from + at] = whole;
    if (elements[from + at] !== whole) return at;
  }
  return -1;
};

const booleans: Filler<Uint8Array> = (elements, values, from) => {
  for (let at = 0; at < values.length; at++) {
    if (typeof values[at] !== 'boolean') return at;
    elements[from + at] = values[at] === true ? 1 : 0;
  }
  return -1;
};

const texts: Filler<string[]> = (elements, values, from) => {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== 'string' || !value.isWellFormed()) return at;
    elements[from + at] = value;
  }
  return -1;
};

/** Half floats have no JSON form: the first value is a bad one, and there is none in an empty tensor. */
const none: Filler<Uint16Array> = (_elements, values) => (values.length === 0 ? -1 : 0);

const fillers: Record<Datatype, Filler<never>> = {
  BOOL: booleans,
  UINT8: wholeNumbers,
  UINT16: wholeNumbers,
  UINT32: wholeNumbers,
  UINT64: bigIntegers,
  INT8: wholeNumbers,
  INT16: wholeNumbers,
  INT32: wholeNumbers,
  INT64: bigIntegers,
  FP16: none,
  FP32: floats,
  FP64: floats,
  BYTES: texts,
};

const placeOf = (at: number, shape: readonly number[]): string => {
  let rest = at;
  const place = shape.map((_, axis) => {
    const below = elementCount(shape.slice(axis + 1));
    const index = Math.floor(rest / below);
    rest -= index * below;
    return index;
  });
  return `[${place.join(', ')}]`;
};

const invalid = (detail: string): PlatformError => new PlatformError('INPUT_INVALID', detail);
