import type { TensorSpec } from '#contracts';
import { datatypeOf, elementTypeName } from './element-type.js';
import type { Limits } from './limits.js';
import { eachField } from './proto-message.js';

/** What is not a tensor that the protocol can carry, and what it is instead, as words for a sentence. */
export interface OtherValue {
  kind: 'other';
  name: string;
  what: string;
}

/** A tensor; `shape` is null when the file does not even tell the rank. Free and named dimensions are -1. */
export interface TensorValue {
  kind: 'tensor';
  name: string;
  datatype: TensorSpec['datatype'];
  shape: number[] | null;
}

export type OnnxValue = TensorValue | OtherValue;

/** Fields of `TypeProto` other than the tensor; sequences of maps are what ZipMap makes. */
const otherTypes = new Map([
  [4, 'a sequence, as ZipMap makes it'],
  [5, 'a map'],
  [7, 'an opaque value'],
  [8, 'a sparse tensor'],
  [9, 'an optional value'],
]);

/** Reads a `ValueInfoProto`. @throws RangeError beyond the limits, or when it is not one. */
export const readValueInfo = (bytes: Uint8Array, limits: Limits): OnnxValue => {
  let name = '';
  let type: Uint8Array | undefined;
  eachField(bytes, [1, 2], (field) => {
    if (field.number === 1) name = field.text();
    else type = field.bytes();
  });
  if (name === '') throw new RangeError('an input or output has no name');
  return type === undefined ? { kind: 'other', name, what: 'a value without a type' } : readType(name, type, limits);
};

const readType = (name: string, type: Uint8Array, limits: Limits): OnnxValue => {
  let tensor: Uint8Array | undefined;
  let what = 'a value of a type that is not known';
  eachField(type, [1, ...otherTypes.keys()], (field) => {
    if (field.number === 1) tensor = field.bytes();
    else what = otherTypes.get(field.number) ?? what;
  });
  if (tensor === undefined) return { kind: 'other', name, what };
  let elementType = 0;
  let shape: number[] | null = null;
  eachField(tensor, [1, 2], (field) => {
    if (field.number === 1) elementType = field.integer();
    else shape = readShape(name, field.bytes(), limits);
  });
  const datatype = datatypeOf(elementType);
  return datatype === undefined
    ? { kind: 'other', name, what: `a tensor of ${elementTypeName(elementType)}` }
    : { kind: 'tensor', name, datatype, shape };
};

const readShape = (name: string, bytes: Uint8Array, limits: Limits): number[] => {
  const shape: number[] = [];
  let fixed = 1;
  eachField(bytes, [1], (field) => {
    const size = readDimension(field.bytes());
    shape.push(size);
    if (size > 0) fixed *= size;
    if (shape.length > limits.rank) throw new RangeError(`"${name}" has more than ${String(limits.rank)} dimensions`);
    if (fixed > limits.elements) throw new RangeError(`"${name}" has more than ${String(limits.elements)} elements`);
  });
  return shape;
};

/** A dimension without a value, with a name, or with a negative value (as old exporters write it) is free: -1. */
const readDimension = (bytes: Uint8Array): number => {
  let size = -1;
  eachField(bytes, [1], (field) => {
    size = Math.max(-1, field.integer());
  });
  return size;
};
