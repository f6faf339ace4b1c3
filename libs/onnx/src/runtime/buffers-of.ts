import { arrayOf, type Tensor } from '../tensor.js';

/** Below this a copy inside the message costs less than moving a buffer to the other thread. */
const MOVED_FROM_BYTES = 2_048;

/** Buffers to be moved instead of copied: each once, only large ones, and only where the tensor is all that lives in it. */
export const buffersOf = (tensors: readonly Tensor[]): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors)
    if (!Array.isArray(data) && isWhole(data) && data.byteLength >= MOVED_FROM_BYTES) buffers.add(data.buffer);
  return [...buffers];
};

/** A message takes along all of the buffer below a view, so a part of a larger one is copied out first. */
export const withBuffersOfTheirOwn = (tensors: readonly Tensor[]): readonly Tensor[] => {
  const isOwn = ({ data }: Tensor): boolean => Array.isArray(data) || isWhole(data);
  return tensors.every(isOwn) ? tensors : tensors.map((tensor) => (isOwn(tensor) ? tensor : copyOf(tensor)));
};

const isWhole = (data: Exclude<Tensor['data'], string[]>): data is typeof data & { buffer: ArrayBuffer } =>
  data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;

const copyOf = (tensor: Tensor): Tensor => {
  const array = arrayOf[tensor.datatype];
  // By the constructor: `slice` of a Node buffer would be one more view of the same memory.
  return array === null ? tensor : { ...tensor, data: new array(tensor.data as never) };
};
