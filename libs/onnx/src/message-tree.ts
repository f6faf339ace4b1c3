import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** The messages of onnx.proto below which a tensor can hang. */
export type Kind = 'model' | 'graph' | 'node' | 'attribute' | 'tensor' | 'sparse tensor' | 'function';

/** A stretch of a file that is not in memory; the file is `null` for the ONNX file itself, else a path beside it. */
export interface FilePart {
  file: string | null;
  start: number;
  length: number;
}

/** A field as its encoded bytes, as a message taken apart, or (a payload, or a row of them) left in the file as encoded. */
export type TreeField =
  | { number: number; encoded: Uint8Array }
  | { number: number; message: MessageTree }
  | { number: number; stretch: FilePart };

export interface MessageTree {
  kind: Kind;
  fields: TreeField[];
}

const children: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse tensor' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: {
    5: 'tensor',
    6: 'graph',
    10: 'tensor',
    11: 'graph',
    22: 'sparse tensor',
    23: 'sparse tensor',
  },
  'sparse tensor': { 1: 'tensor', 2: 'tensor' },
  tensor: {},
};

/** What may be large and says nothing about the graph: the values of tensors, the tables of tree ensembles, texts. */
const payloads: Readonly<Partial<Record<Kind, readonly number[]>>> = {
  tensor: [4, 5, 6, 7, 9, 10, 11],
  attribute: [4, 7, 8, 9],
};

export const childKind = (kind: Kind, number: number): Kind | undefined =>
  (children[kind] as Partial<Record<number, Kind>>)[number];

export const isPayload = (kind: Kind, number: number): boolean => payloads[kind]?.includes(number) ?? false;

/** Takes one message apart, its fields as they are encoded. @throws RangeError or Error when the bytes are none. */
export const parseMessage = (kind: Kind, bytes: Uint8Array): MessageTree => {
  const reader = new BinaryReader(bytes);
  const fields: TreeField[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
    fields.push({ number, encoded: bytes.subarray(start, reader.pos) });
  }
  return { kind, fields };
};

/** The content of an encoded field that is length-delimited. @throws RangeError when it is not. */
export const contentOf = ({ number, encoded }: { number: number; encoded: Uint8Array }): Uint8Array => {
  const reader = new BinaryReader(encoded);
  const [, wireType] = reader.tag();
  if (wireType !== WireType.LengthDelimited) throw new RangeError(`field ${String(number)} is no message`);
  return reader.bytes();
};

/** Tag and length of a length-delimited field. */
export const fieldHead = (number: number, length: number): Uint8Array =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();
