import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { PlatformError } from '#runtime';
import { readInferRequest } from './infer-request.js';
import { writeInferResponse } from './infer-response.js';
import { INFERENCE_SERVICE, protocol, type Message } from './protocol.js';
import type { MethodDefinition } from '@grpc/grpc-js';

const method = (protocol[INFERENCE_SERVICE] as Record<string, MethodDefinition<Message, Message>>).ModelInfer;
/** The bytes of a request as protobufjs writes them by the .proto file. */
const written = (request: Message): Buffer => method.requestSerialize(request);

describe('a ModelInferRequest', () => {
  it('is read as the .proto file says it is written', () => {
    const bytes = written({
      model_name: 'grün',
      model_version: '7',
      id: 'request 1',
      parameters: { priority: { int64_param: '3' } },
      inputs: [
        {
          name: 'x',
          datatype: 'FP32',
          shape: ['2', '1'],
          parameters: { shared_memory_region: { string_param: 'r' }, b: { bool_param: true } },
          contents: { fp32_contents: [1.5, -2] },
        },
        { name: 'y', datatype: 'INT64', shape: [], contents: { int64_contents: ['-9223372036854775808'] } },
      ],
      outputs: [{ name: 'label', parameters: { classification: { int64_param: '2' } } }, { name: 'probabilities' }],
      raw_input_contents: [Buffer.from([1, 2, 3]), Buffer.alloc(0)],
    });
    expect(readInferRequest(bytes)).toEqual({
      modelName: 'grün',
      modelVersion: '7',
      id: 'request 1',
      inputs: [
        {
          name: 'x',
          datatype: 'FP32',
          shape: [2, 1],
          parameters: ['shared_memory_region', 'b'],
          contents: new Map([[6, [1.5, -2]]]),
        },
        { name: 'y', datatype: 'INT64', shape: [], parameters: [], contents: new Map([[3, [-(2n ** 63n)]]]) },
      ],
      outputs: [
        { name: 'label', parameters: ['classification'] },
        { name: 'probabilities', parameters: [] },
      ],
      raw: [Buffer.from([1, 2, 3]), Buffer.alloc(0)],
    });
  });

  it.each<[string, Message, number, unknown[]]>([
    ['bool_contents', { bool_contents: [true, false] }, 1, [true, false]],
    ['int_contents', { int_contents: [-1, 2_147_483_647] }, 2, [-1, 2_147_483_647]],
    ['int64_contents', { int64_contents: ['-1', '9007199254740993'] }, 3, [-1n, 9_007_199_254_740_993n]],
    ['uint_contents', { uint_contents: [4_294_967_295] }, 4, [4_294_967_295]],
    ['uint64_contents', { uint64_contents: ['18446744073709551615'] }, 5, [2n ** 64n - 1n]],
    ['fp32_contents', { fp32_contents: [NaN, -0] }, 6, [NaN, -0]],
    ['fp64_contents', { fp64_contents: [1e300, -Infinity] }, 7, [1e300, -Infinity]],
    ['bytes_contents', { bytes_contents: [Buffer.from('a'), Buffer.alloc(0)] }, 8, [Buffer.from('a'), Buffer.alloc(0)]],
  ])('has %s', (_, contents, field, elements) => {
    const { inputs } = readInferRequest(written({ inputs: [{ contents }] }));
    expect(inputs[0].contents).toEqual(new Map([[field, elements]]));
  });

  it('may have its numbers one by one, packed, or both, and a message in parts', () => {
    const contents = (write: (writer: BinaryWriter) => void): BinaryWriter => {
      const writer = new BinaryWriter();
      writer.tag(5, WireType.LengthDelimited).fork();
      writer.tag(3, WireType.Varint).int64(4).tag(3, WireType.LengthDelimited).fork().int64(5).int64(6).join();
      writer.tag(5, WireType.LengthDelimited).fork();
      write(writer);
      writer.join();
      writer.tag(5, WireType.LengthDelimited).fork();
      writer.tag(6, WireType.Bit32).float(4);
      return writer.join().join();
    };
    const bytes = contents((writer) =>
      writer.tag(6, WireType.Bit32).float(1).tag(6, WireType.LengthDelimited).fork().float(2).float(3).join(),
    ).finish();
    const [input] = readInferRequest(bytes).inputs;
    expect(input.shape).toEqual([4, 5, 6]);
    expect(input.contents).toEqual(new Map([[6, [1, 2, 3, 4]]]));
  });

  it('passes over fields that it does not know', () => {
    const writer = new BinaryWriter();
    writer.tag(99, WireType.LengthDelimited).string('new').tag(98, WireType.Bit64).double(1);
    writer.tag(97, WireType.StartGroup).tag(1, WireType.Varint).uint32(1).tag(97, WireType.EndGroup);
    writer.tag(1, WireType.LengthDelimited).string('iris');
    expect(readInferRequest(writer.finish()).modelName).toBe('iris');
  });

  const group = (depth: number): Uint8Array => new Uint8Array(depth).fill(0x0b);
  it.each<[string, Uint8Array]>([
    ['noise', new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1])],
    ['a text', Buffer.from('{"inputs": []}')],
    ['a name that ends too early', new Uint8Array([0x0a, 10, 65])],
    ['a name that is no UTF-8', new Uint8Array([0x0a, 1, 0xff])],
    ['a number that ends too early', new Uint8Array([0x2a, 4, 0x2a, 2, 0x35, 1])],
    ['a list that ends in the middle of a number', new Uint8Array([0x2a, 5, 0x2a, 3, 0x32, 1, 0])],
    ['a million groups in groups', group(1_000_000)],
    ['field 0', new Uint8Array([0, 0])],
  ])('is refused when it is %s', (_, bytes) => {
    expect(() => readInferRequest(bytes)).toThrow(PlatformError);
    expect(() => readInferRequest(bytes)).toThrow(/INPUT_INVALID: The message is no ModelInferRequest/);
  });
});

describe('a ModelInferResponse', () => {
  it('is written as the .proto file says it is read', () => {
    const bytes = writeInferResponse({
      modelName: 'grün',
      modelVersion: '12',
      id: 'request 1',
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [2], data: BigInt64Array.of(-1n, 2n) },
        { name: 'scalar', datatype: 'FP32', shape: [], data: Float32Array.of(1) },
        { name: 'text', datatype: 'BYTES', shape: [1, 1], data: ['hi'] },
        { name: 'none', datatype: 'FP32', shape: [0, 4], data: new Float32Array(0) },
      ],
    });
    const empty = { contents: null, parameters: {} };
    expect(method.responseDeserialize(bytes)).toEqual({
      model_name: 'grün',
      model_version: '12',
      id: 'request 1',
      parameters: {},
      outputs: [
        { name: 'label', datatype: 'INT64', shape: ['2'], ...empty },
        { name: 'scalar', datatype: 'FP32', shape: [], ...empty },
        { name: 'text', datatype: 'BYTES', shape: ['1', '1'], ...empty },
        { name: 'none', datatype: 'FP32', shape: ['0', '4'], ...empty },
      ],
      raw_output_contents: [
        Buffer.from(BigInt64Array.of(-1n, 2n).buffer),
        Buffer.from([0, 0, 128, 63]),
        Buffer.from([2, 0, 0, 0, 104, 105]),
        Buffer.alloc(0),
      ],
    });
  });
});
