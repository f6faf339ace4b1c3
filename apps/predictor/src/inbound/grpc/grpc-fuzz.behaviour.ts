import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { datatypes } from '../../echo-models.behaviour.js';
import { damaged, oddNumber, oddText } from '../fuzz-values.behaviour.js';
import { encoded } from './grpc-client.behaviour.js';

const elements: Record<string, fc.Arbitrary<unknown>> = {
  bool_contents: fc.boolean(),
  int_contents: fc.integer(),
  int64_contents: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  uint_contents: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint64_contents: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fp32_contents: fc.float(),
  fp64_contents: fc.double(),
  bytes_contents: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
};
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }).map(String) },
  fc.constantFrom('-1', '2147483648', '9007199254740993', '9223372036854775807', '-9223372036854775808', '65536'),
);
const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('x', 'features', ...datatypes) }, oddText);
const parameters = fc.dictionary(
  fc.constantFrom('binary_data', 'shared_memory_region', 'classification', 'sequence_id', '', '__proto__'),
  fc.constantFrom({ bool_param: true }, { int64_param: '-1' }, { string_param: 'a' }, { double_param: NaN }),
  { maxKeys: 2 },
);
const contents = fc
  .constantFrom(...Object.keys(elements))
  .chain((field) => fc.array(elements[field], { maxLength: 8 }).map((list) => ({ [field]: list })));
const input = fc.record(
  {
    name,
    datatype: fc.oneof({ weight: 8, arbitrary: fc.constantFrom<string>(...datatypes) }, oddText),
    shape: fc.array(size, { maxLength: 4 }),
    parameters,
    contents: fc.oneof(
      contents,
      fc.tuple(contents, contents).map(([a, b]) => ({ ...a, ...b })),
    ),
  },
  { requiredKeys: ['name'] },
);
const model = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('iris', 'echo_all', 'echo_free', 'echo_scalar', ...datatypes.map((d) => `echo_${d}`)),
  },
  oddText,
);
const version = fc.oneof(fc.constantFrom('', '', '1', '2', '0', '-1', '1.0', '١'), oddNumber.map(String));
const inferRequest = fc.record(
  {
    model_name: model,
    model_version: version,
    id: oddText,
    parameters,
    inputs: fc.array(input, { maxLength: 3 }),
    outputs: fc.array(fc.record({ name, parameters }, { requiredKeys: ['name'] }), { maxLength: 3 }),
    raw_input_contents: fc.array(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['model_name', 'inputs'] },
);
/** Right but for one thing, or right altogether: what gets to the model. */
const nearlyGood = fc
  .record({
    type: fc.constantFrom(...datatypes),
    rows: fc.integer({ min: 0, max: 3 }),
    bytes: fc.uint8Array({ minLength: 48, maxLength: 48 }),
    short: fc.constantFrom(0, 0, 0, 1),
  })
  .map(({ type, rows, bytes, short }) => ({
    model_name: `echo_${type}`,
    inputs: [{ name: 'x', datatype: type, shape: [String(rows), '2'] }],
    raw_input_contents: [Buffer.from(bytes.subarray(0, Math.max(0, rows * 2 * (widths[type] ?? 4) - short)))],
  }));
const widths: Record<string, number> = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  FP16: 2,
  UINT64: 8,
  INT64: 8,
  FP64: 8,
};

const inferOf = (bytes: Buffer): [string, Buffer] => ['ModelInfer', bytes];

/** A method and the bytes of its message: at random, damaged, odd, or almost right. */
export const grpcRequest: fc.Arbitrary<[method: string, bytes: Buffer]> = fc.oneof(
  { weight: 6, arbitrary: inferRequest.map((message) => inferOf(encoded('ModelInfer', message))) },
  { weight: 4, arbitrary: nearlyGood.map((message) => inferOf(encoded('ModelInfer', message))) },
  { weight: 4, arbitrary: damaged(inferRequest.map((message) => encoded('ModelInfer', message))).map(inferOf) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => inferOf(Buffer.from(bytes))) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom(
        'ModelReady',
        'ModelMetadata',
        'ServerMetadata',
        'RepositoryIndex',
        'RepositoryModelLoad',
        'ModelConfig',
        'ModelStatistics',
      ),
      fc.oneof(
        fc.record({ name: model, version }).map((message) => encoded('ModelMetadata', message)),
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      ),
    ),
  },
);

/** What may stand around messages: their lengths, the mark of compression, more of them than one, and none. */
export const grpcBody: fc.Arbitrary<{ headers: Record<string, string>; body: Buffer }> = fc.record({
  headers: fc.record(
    {
      'grpc-timeout': fc.constantFrom('10S', '1n', '0S', '-1S', 'S', '99999999H', '123456789S', 'x'),
      'grpc-encoding': fc.constantFrom('identity', 'gzip', 'deflate', 'br', ''),
      'x-request-id': oddText.map((text) => encodeURI(text.toWellFormed())),
      'content-type': fc.constantFrom(
        'application/grpc',
        'application/grpc+proto',
        'application/grpc+json',
        'application/json',
      ),
    },
    { requiredKeys: [] },
  ),
  body: fc
    .array(
      fc.record({
        flag: fc.constantFrom(0, 0, 0, 1, 2, 255),
        message: fc.oneof(
          nearlyGood.map((message) => encoded('ModelInfer', message)),
          fc.uint8Array({ maxLength: 30 }),
        ),
        off: fc.constantFrom(0, 0, 0, -1, 1, 1_000_000, 2 ** 32),
        zipped: fc.boolean(),
      }),
      { maxLength: 3 },
    )
    .map((frames) =>
      Buffer.concat(
        frames.flatMap(({ flag, message, off, zipped }) => {
          const bytes = zipped && flag === 1 ? gzipSync(message) : message;
          const prefix = Buffer.alloc(5, flag);
          prefix.writeUInt32BE(Math.min(2 ** 32 - 1, Math.max(0, bytes.length + off)), 1);
          return [prefix, bytes];
        }),
      ),
    ),
});
