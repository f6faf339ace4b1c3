import type { Datatype } from '#contracts';

/** `TensorProto.DataType` of onnx.proto by the Open Inference Protocol's names, as far as both sides have the type. */
export const elementTypeOf: Readonly<Record<Datatype, number>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
};

const datatypes = new Map<number, Datatype>(
  (Object.entries(elementTypeOf) as [Datatype, number][]).map(([datatype, code]) => [code, datatype]),
);

/** Types that ONNX has and the protocol has not; named so that an error can say what the file holds. */
const unsupported = new Map<number, string>([
  [14, 'COMPLEX64'],
  [15, 'COMPLEX128'],
  [16, 'BFLOAT16'],
  [17, 'FLOAT8E4M3FN'],
  [18, 'FLOAT8E4M3FNUZ'],
  [19, 'FLOAT8E5M2'],
  [20, 'FLOAT8E5M2FNUZ'],
  [21, 'UINT4'],
  [22, 'INT4'],
  [23, 'FLOAT4E2M1'],
]);

/** The protocol's name of an element type, or undefined when it has none. */
export const datatypeOf = (elementType: number): Datatype | undefined => datatypes.get(elementType);

/** A name for any element type, for sentences. */
export const elementTypeName = (elementType: number): string =>
  datatypes.get(elementType) ?? unsupported.get(elementType) ?? `element type ${String(elementType)}`;
