import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { TensorSpec } from '#contracts';
import { elementTypeOf } from './element-type.js';
import { ML_DOMAIN, type Attribute, type Graph, type GraphNode, type Initializer } from './graph.js';

/** Old enough for every runtime of the last years, new enough for every operator we write. */
const IR_VERSION = 8;
const OPSETS: Readonly<Record<string, number>> = { '': 15, [ML_DOMAIN]: 3 };

/** `AttributeProto.AttributeType` of onnx.proto. */
const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const;

/**
 * An ONNX file of a graph: field numbers as in onnx.proto (ONNX 1.16).
 * @throws RangeError when a float is beyond float32 or an integer is not safe.
 */
export const writeModel = (graph: Graph): Uint8Array<ArrayBuffer> => {
  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(IR_VERSION);
  text(model, 2, 'baton');
  message(model, 7, () => {
    writeGraph(model, graph);
  });
  for (const [domain, version] of Object.entries(OPSETS))
    message(model, 8, () => {
      if (domain !== '') text(model, 1, domain);
      model.tag(2, WireType.Varint).int64(version);
    });
  for (const [key, value] of Object.entries(graph.metadata ?? {}))
    message(model, 14, () => {
      text(model, 1, key);
      text(model, 2, value);
    });
  return model.finish();
};

const writeGraph = (writer: BinaryWriter, graph: Graph): void => {
  graph.nodes.forEach((node, index) => {
    message(writer, 1, () => {
      writeNode(writer, node, `${node.op}_${String(index)}`);
    });
  });
  text(writer, 2, graph.name);
  for (const initializer of graph.initializers ?? [])
    message(writer, 5, () => {
      writeInitializer(writer, initializer);
    });
  for (const [field, specs] of [
    [11, graph.inputs],
    [12, graph.outputs],
  ] as const)
    for (const spec of specs)
      message(writer, field, () => {
        writeValueInfo(writer, spec);
      });
};

const writeNode = (writer: BinaryWriter, node: GraphNode, name: string): void => {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, name);
  text(writer, 4, node.op);
  for (const [key, attribute] of Object.entries(node.attributes ?? {}))
    message(writer, 5, () => {
      writeAttribute(writer, key, attribute);
    });
  if (node.domain !== undefined && node.domain !== '') text(writer, 7, node.domain);
};

const writeAttribute = (writer: BinaryWriter, name: string, attribute: Attribute): void => {
  text(writer, 1, name);
  let type: number;
  if ('float' in attribute) {
    writer.tag(2, WireType.Bit32).float(Math.fround(attribute.float));
    type = attributeType.float;
  } else if ('int' in attribute) {
    writer.tag(3, WireType.Varint).int64(attribute.int);
    type = attributeType.int;
  } else if ('string' in attribute) {
    text(writer, 4, attribute.string);
    type = attributeType.string;
  } else if ('floats' in attribute) {
    packed(writer, 7, attribute.floats, (value) => writer.float(Math.fround(value)));
    type = attributeType.floats;
  } else if ('ints' in attribute) {
    packed(writer, 8, attribute.ints, (value) => writer.int64(value));
    type = attributeType.ints;
  } else {
    for (const value of attribute.strings) text(writer, 9, value);
    type = attributeType.strings;
  }
  writer.tag(20, WireType.Varint).int32(type);
};

const writeInitializer = (writer: BinaryWriter, { name, shape, data }: Initializer): void => {
  packed(writer, 1, shape, (size) => writer.int64(size));
  if (data instanceof Float32Array) {
    writer.tag(2, WireType.Varint).int32(elementTypeOf.FP32);
    packed(writer, 4, data, (value) => writer.float(value));
  } else if (data instanceof BigInt64Array) {
    writer.tag(2, WireType.Varint).int32(elementTypeOf.INT64);
    packed(writer, 7, data, (value) => writer.int64(value));
  } else {
    writer.tag(2, WireType.Varint).int32(elementTypeOf.BYTES);
    for (const value of data) text(writer, 6, value);
  }
  text(writer, 8, name);
};

const writeValueInfo = (writer: BinaryWriter, { name, datatype, shape }: TensorSpec): void => {
  text(writer, 1, name);
  message(writer, 2, () => {
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(elementTypeOf[datatype]);
      message(writer, 2, () => {
        shape.forEach((size, axis) => {
          message(writer, 1, () => {
            if (size >= 0) writer.tag(1, WireType.Varint).int64(size);
            else text(writer, 2, axis === 0 ? 'batch' : `${name}_${String(axis)}`);
          });
        });
      });
    });
  });
};

const text = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value);
};

const message = (writer: BinaryWriter, field: number, write: () => void): void => {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
};

const packed = <T>(writer: BinaryWriter, field: number, values: ArrayLike<T>, write: (value: T) => unknown): void => {
  writer.tag(field, WireType.LengthDelimited).fork();
  for (let index = 0; index < values.length; index++) write(values[index]);
  writer.join();
};
