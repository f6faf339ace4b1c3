import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import type { PlatformError } from '#runtime';
import { elementTypeOf } from './element-type.js';
import { ML_DOMAIN, type Graph } from './graph.js';
import { limits } from './limits.js';
import { readModel } from './read-model.js';
import { signatureOf } from './signature.js';
import { writeModel } from './write-model.js';

const graph: Graph = {
  name: 'sample',
  inputs: [
    { name: 'features', datatype: 'FP32', shape: [-1, 4] },
    { name: 'mask', datatype: 'BOOL', shape: [] },
  ],
  outputs: [{ name: 'label', datatype: 'BYTES', shape: [-1] }],
  initializers: [{ name: 'weights', shape: [4, 2], data: new Float32Array(8) }],
  nodes: [
    { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['scores'] },
    { op: 'ArgMax', inputs: ['scores'], outputs: ['id'], attributes: { axis: { int: 1 }, keepdims: { int: 0 } } },
    {
      op: 'LabelEncoder',
      domain: ML_DOMAIN,
      inputs: ['id'],
      outputs: ['label'],
      attributes: { keys_int64s: { ints: [0, 1] }, values_strings: { strings: ['a', 'b'] } },
    },
  ],
};

/** A message written field by field, as other exporters would write it. */
type Fields = [number: number, value: number | string | Uint8Array][];
const proto = (fields: Fields): Uint8Array => {
  const writer = new BinaryWriter();
  for (const [number, value] of fields)
    if (typeof value === 'number') writer.tag(number, WireType.Varint).int64(value);
    else if (typeof value === 'string') writer.tag(number, WireType.LengthDelimited).string(value);
    else writer.tag(number, WireType.LengthDelimited).bytes(value);
  return writer.finish();
};
const model = (graphFields: Fields): Uint8Array =>
  proto([
    [1, 8],
    [7, proto(graphFields)],
  ]);
const dims = (...sizes: (number | string | null)[]): Uint8Array =>
  proto(sizes.map((size) => [1, proto(size === null ? [] : [[typeof size === 'number' ? 1 : 2, size]])]));
const tensor = (name: string, type: number, shape?: Uint8Array): Uint8Array =>
  proto([
    [1, name],
    [2, proto([[1, proto([[1, type], ...(shape === undefined ? [] : ([[2, shape]] as Fields))])]])],
  ]);
const [x, y] = [tensor('x', 1, dims(null, 2)), tensor('y', 1, dims(null, 2))];

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect((error as PlatformError).code).toBe('MODEL_FILE_INVALID');
    return (error as PlatformError).detail;
  }
  throw new Error('It was not refused.');
};

describe('readModel', () => {
  it('reads what writeModel wrote', () => {
    const summary = readModel(writeModel(graph));
    expect(summary).toEqual({
      irVersion: 8,
      producer: 'baton',
      opsets: { '': 15, 'ai.onnx.ml': 3 },
      inputs: [
        { kind: 'tensor', name: 'features', datatype: 'FP32', shape: [-1, 4] },
        { kind: 'tensor', name: 'mask', datatype: 'BOOL', shape: [] },
      ],
      outputs: [{ kind: 'tensor', name: 'label', datatype: 'BYTES', shape: [-1] }],
      nodeCount: 3,
      externalData: false,
    });
    expect(signatureOf(summary)).toEqual({ inputs: graph.inputs, outputs: graph.outputs });
  });

  it.each(Object.entries(elementTypeOf))('knows the element type %s', (datatype, code) => {
    expect(readModel(model([[12, tensor('y', code, dims())]])).outputs[0]).toMatchObject({ datatype });
  });

  it('takes named, negative and missing dimensions for free ones', () => {
    const { outputs } = readModel(model([[12, tensor('y', 1, dims('batch', -1, null, 0, 7, -5))]]));
    expect(outputs[0]).toMatchObject({ shape: [-1, -1, -1, 0, 7, -1] });
  });

  it('does not count initializers that are listed as inputs', () => {
    const sparse = proto([[1, proto([[8, 'sparse']])]]);
    const bytes = model([
      [5, proto([[8, 'w']])],
      [15, sparse],
      [11, x],
      [11, tensor('w', 1, dims(2))],
      [11, tensor('sparse', 1, dims(2))],
      [12, y],
    ]);
    expect(readModel(bytes).inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('counts the operators of nested graphs and of functions', () => {
    const leaf = proto([[4, 'Add']]);
    const body = proto([
      [1, leaf],
      [1, leaf],
      [11, x],
      [5, proto([[8, 'x']])],
    ]);
    const loop = proto([
      [4, 'Loop'],
      [5, proto([[6, body]])],
      [5, proto([[11, body]])],
    ]);
    const bytes = proto([
      [1, 8],
      [
        7,
        proto([
          [1, loop],
          [11, x],
          [12, y],
        ]),
      ],
      [25, proto([[7, leaf]])],
    ]);
    const summary = readModel(bytes);
    expect(summary.nodeCount).toBe(6);
    // What a body calls its input or its constant is nothing to the outside.
    expect(summary.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  const external = proto([
    [8, 'w'],
    [
      13,
      proto([
        [1, 'location'],
        [2, 'weights.bin'],
      ]),
    ],
  ]);
  it.each<[string, Fields]>([
    ['an initializer', [[5, external]]],
    ['an initializer that says so only', [[5, proto([[14, 1]])]]],
    ['a sparse initializer', [[15, proto([[1, external]])]]],
    ['the constant of an operator', [[1, proto([[5, proto([[5, external]])]])]]],
    ['a nested graph', [[1, proto([[5, proto([[6, proto([[5, external]])]])]])]]],
  ])('sees that the weights of %s are in another file', (_, fields) => {
    expect(readModel(model([...fields, [12, y]])).externalData).toBe(true);
    expect(
      readModel(
        model([
          [5, proto([[14, 0]])],
          [12, y],
        ]),
      ).externalData,
    ).toBe(false);
  });

  const nested = (depth: number): Uint8Array =>
    depth === 0 ? proto([]) : proto([[1, proto([[5, proto([[6, nested(depth - 1)]])]])]]);

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /is empty/],
    ['a page', new TextEncoder().encode('<html><body>404</body></html>'), /can't be used: this is no ONNX file \(/],
    ['zeros', new Uint8Array(100), /this is no ONNX file \(/],
    ['a message without a graph', proto([[1, 8]]), /no graph/],
    ['a graph without outputs', model([[11, x]]), /no outputs/],
    ['no IR version', proto([[7, proto([[12, y]])]]), /IR version/],
    ['an output without a name', model([[12, proto([])]]), /has no name/],
    [
      'two inputs of one name',
      model([
        [11, x],
        [11, x],
        [12, y],
      ]),
      /two inputs named "x"/,
    ],
    [
      'two outputs of one name',
      model([
        [12, y],
        [12, y],
      ]),
      /two outputs named "y"/,
    ],
    [
      'a graph of the wrong wire type',
      proto([
        [1, 8],
        [7, 5],
      ]),
      /this is no ONNX file \(field 7 has wire type 0\)/,
    ],
    ['a name that is not UTF-8', model([[12, proto([[1, Uint8Array.of(0xff, 0xfe)]])]]), /can't be used/],
    [
      'graphs nested too deep',
      model([
        [1, proto([[5, proto([[6, nested(17)]])]])],
        [12, y],
      ]),
      /nested deeper than 16/,
    ],
    [
      'too high a rank',
      model([[12, tensor('y', 1, dims(...Array.from({ length: 33 }, () => 1)))]]),
      /more than 32 dim/,
    ],
    ['a huge dimension', model([[12, tensor('y', 1, dims(2 ** 40))]]), /"y" has more than 2147483647 elements/],
    ['a huge product', model([[12, tensor('y', 1, dims(2 ** 16, null, 2 ** 16))]]), /"y" has more than/],
  ])('refuses %s', (_, bytes, sentence) => {
    expect(refusal(() => readModel(bytes))).toMatch(sentence);
  });

  it.each<[keyof typeof limits, RegExp]>([
    ['sizeBytes', /bytes, more than 1$/],
    ['nodes', /more than 1 operators/],
    ['values', /more than 1 inputs/],
  ])('keeps the limit on %s', (limit, sentence) => {
    const sentenceOf = refusal(() => readModel(writeModel(graph), { ...limits, [limit]: 1 }));
    expect(sentenceOf.replace(/\.$/, '')).toMatch(sentence);
  });

  it('refuses a file that was cut off anywhere, or gives it no other meaning', () => {
    const whole = writeModel(graph);
    for (let length = 0; length < whole.length; length++) {
      const run = (): unknown => readModel(whole.subarray(0, length));
      // After the graph only the opsets and what nobody reads are left; a runtime refuses a file without them.
      try {
        expect(run()).toMatchObject({ nodeCount: 3 });
      } catch {
        refusal(run);
      }
    }
  });
});

describe('signatureOf', () => {
  const zipMap = proto([
    [1, 'probs'],
    [2, proto([[4, proto([])]])],
  ]);
  it.each<[string, Fields, RegExp]>([
    [
      'a ZipMap',
      [
        [11, x],
        [12, zipMap],
      ],
      /output "probs" is a sequence, as ZipMap makes it.*zipmap=False/,
    ],
    [
      'a map',
      [
        [11, x],
        [
          12,
          proto([
            [1, 'm'],
            [2, proto([[5, proto([])]])],
          ]),
        ],
      ],
      /"m" is a map/,
    ],
    [
      'a bfloat16 input',
      [
        [11, tensor('b', 16, dims(1))],
        [12, y],
      ],
      /input "b" is a tensor of BFLOAT16/,
    ],
    [
      'an input without type',
      [
        [11, proto([[1, 'n']])],
        [12, y],
      ],
      /input "n" is a value without a type/,
    ],
    [
      'an input of unknown rank',
      [
        [11, tensor('r', 1)],
        [12, y],
      ],
      /Input "r" tells no shape/,
    ],
    ['no inputs', [[12, y]], /no inputs/],
  ])('refuses %s', (_, fields, sentence) => {
    expect(refusal(() => signatureOf(readModel(model(fields))))).toMatch(sentence);
  });

  it('gives an output of unknown rank one free dimension', () => {
    expect(
      signatureOf(
        readModel(
          model([
            [11, x],
            [12, tensor('y', 1)],
          ]),
        ),
      ).outputs[0].shape,
    ).toEqual([-1]);
  });
});
