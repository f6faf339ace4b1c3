import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { numberOfHalf } from './half-floats.js';

/** Keeps the digits of an integer beyond 2^53 when it is written as JSON (TC39 "JSON.parse source text access"). */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** The elements of a tensor as JSON writes them, flat and row-major. */
export const flatValues = ({ datatype, data }: Tensor): unknown[] => {
  if (datatype === 'FP16') return Array.from(data as Uint16Array, numberOfHalf);
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (bit) => bit !== 0);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, wholeNumber);
  return Array.from<number | string>(data);
};

const wholeNumber = (value: bigint): unknown => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : rawJSON(value.toString());
};

/** The elements nested as the shape says; a single column is flattened, so that there is one value per row. */
export const rowValues = (tensor: Tensor): unknown[] => {
  const { shape } = tensor;
  const values = flatValues(tensor);
  const inner = shape.slice(1);
  if (inner.every((size) => size === 1)) return values;
  return nest(values, inner);
};

/** The elements nested as the shape says; of a scalar its one value. */
export const nestedValues = (tensor: Tensor): unknown => {
  const values = flatValues(tensor);
  return tensor.shape.length === 0
    ? values[0]
    : tensor.shape.length === 1
      ? values
      : nest(values, tensor.shape.slice(1));
};

const nest = (values: unknown[], inner: number[]): unknown[] => {
  const size = inner.reduce((product, length) => product * length, 1);
  const rows = Array.from({ length: size === 0 ? 0 : values.length / size }, (_, row) =>
    values.slice(row * size, (row + 1) * size),
  );
  return inner.length <= 1 ? rows : rows.map((row) => nest(row, inner.slice(1)));
};

/** What `predictions` and `probabilities` are taken from: output names in the order of the signature. */
export const predictionOutput = (names: string[]): string => (names.includes('label') ? 'label' : names[0]);

/** @throws PlatformError INPUT_INVALID when the model has none. */
export const probabilityOutput = (names: string[]): string => {
  const found = names.find((name) => name === 'probabilities') ?? names.find((name) => /prob/i.test(name));
  if (found !== undefined) return found;
  throw new PlatformError('INPUT_INVALID', `The model has no probabilities; its outputs are ${names.join(', ')}.`);
};
