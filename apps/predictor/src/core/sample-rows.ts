import { arrayOf, elementCount, type Tensor } from '#onnx';
import { halfOf } from './half-floats.js';
import { rowsOf } from './join-rows.js';
import { allocate, setElement } from './tensor-elements.js';

/** The rows of `tensors`, then variations of the first: so many requests of one row, each in memory of its own. */
export const sampleRows = (tensors: readonly Tensor[], count: number): Tensor[][] => {
  const given = tensors[0].shape[0];
  return Array.from({ length: count }, (_, sample) =>
    tensors.map((tensor) => {
      const row = copyOf(rowsOf(tensor, sample < given ? sample : 0, 1));
      if (sample >= given) vary(row, sample);
      return row;
    }),
  );
};

/** The same tensor in memory of its own. */
export const copyOf = (tensor: Tensor): Tensor => {
  const array = arrayOf[tensor.datatype];
  const data = array === null ? [...(tensor.data as string[])] : new array(tensor.data as never);
  return { ...tensor, data };
};

/** True when both hold the same bits: NaN equals NaN, and -0 is not 0. */
export const sameBits = (one: Tensor, other: Tensor): boolean => {
  if (one.shape.length !== other.shape.length || one.shape.some((size, axis) => size !== other.shape[axis]))
    return false;
  const [a, b] = [one.data, other.data];
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((text, at) => text === b[at]);
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
};

const bytesOf = (data: Exclude<Tensor['data'], string[]>): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * Other values that a model is likely to take as well: numbers around the given ones, 0 and 1 beside whole numbers (they may be
 * categories), text as it is. What it does not take is left out of the trial.
 */
const vary = (row: Tensor, sample: number): void => {
  const { datatype, data } = row;
  if (Array.isArray(data)) return;
  const varied = allocate(datatype, elementCount(row.shape));
  for (let at = 0; at < data.length; at += 1) setElement(varied, at, variation(row, at, sample));
  row.data = varied;
};

const variation = ({ datatype, data }: Tensor, at: number, sample: number): number | bigint | string => {
  const value = data[at];
  const bit = (sample + at * (1 + (sample >> 1))) % 2;
  // Some irrational-looking number between -1 and 1, the same at each start.
  const noise = Math.sin(sample * 12.9898 + at * 78.233);
  if (typeof value === 'bigint') return BigInt(bit);
  if (datatype === 'FP32' || datatype === 'FP64') return Number(value) + noise * (1 + Math.abs(Number(value)));
  return datatype === 'FP16' ? halfOf(3 * noise) : bit;
};
