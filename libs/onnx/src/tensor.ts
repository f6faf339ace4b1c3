import type { Datatype } from '#contracts';

export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | string[];

/**
 * A tensor as it goes in and out of a session, row-major. `data` holds one element per value: INT64 and UINT64 as bigint
 * arrays (no digit is lost beyond 2^53), BOOL as `Uint8Array` of 0 and 1, FP16 as `Uint16Array` of raw half floats, BYTES as strings.
 */
export interface Tensor {
  name: string;
  datatype: Datatype;
  shape: number[];
  data: TensorData;
}

/** How each element type is held in memory; `null` for BYTES, which are plain strings. */
export const arrayOf = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
  BYTES: null,
} as const satisfies Record<Datatype, unknown>;

/** Number of values in a shape; 1 for a scalar's `[]`. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
