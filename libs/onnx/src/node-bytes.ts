import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

const GRAPH = 7;
const NODE = 1;

/**
 * How many bytes of an ONNX file are operators with their attributes: the tables of tree ensembles are such. The rest is weights, but for
 * names. All of it when the file can't be read: whoever opens it says why.
 */
export const nodeBytesOf = (model: Uint8Array): number => {
  try {
    return sum(model, GRAPH, (graph) => sum(graph, NODE, (node) => node.byteLength));
  } catch {
    return model.byteLength;
  }
};

const sum = (message: Uint8Array, wanted: number, count: (field: Uint8Array) => number): number => {
  const reader = new BinaryReader(message);
  let all = 0;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === wanted && wireType === WireType.LengthDelimited) all += count(reader.bytes());
    else reader.skip(wireType, number);
  }
  return all;
};
