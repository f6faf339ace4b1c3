import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { datatypes } from '../echo-models.behaviour.js';
import { damaged, oddNumber, oddText } from './fuzz-values.behaviour.js';

export interface HttpAsked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

const models = ['iris', 'echo_all', 'echo_free', 'echo_scalar', ...datatypes.map((datatype) => `echo_${datatype}`)];
/** What is longer than a head may be is answered 431 and a closed connection, whatever it is. */
const shortened = (long: string): string => long.slice(0, 500).toWellFormed();
const segment = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...models) },
  oddText.map((text) => encodeURIComponent(shortened(text))),
  fc.constantFrom('%', '%ff', '%00', '..', '.', ';', '%2f', '*'),
);
const version = fc.constantFrom('1', '1', '2', '0', '-1', '1.0', '99999999999999999999', '%d9%a1', '');
const path = fc.oneof(
  { weight: 8, arbitrary: segment.map((name) => `/v2/models/${name}/infer`) },
  { weight: 2, arbitrary: fc.tuple(segment, version).map(([name, at]) => `/v2/models/${name}/versions/${at}/infer`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('/predict', '/predict?proba=true', '/predict?proba=%ff&proba=', '/invocations'),
  },
  { weight: 2, arbitrary: segment.map((name) => `/models/${name}/predict`) },
  segment.map((name) => `/models/${name}/invocations`),
  fc
    .tuple(segment, fc.constantFrom('', '/ready', '/config', '/stats'))
    .map(([name, end]) => `/v2/models/${name}${end}`),
  fc.constantFrom(
    '/v2/repository/index',
    '/v2',
    '/v2/',
    '/v2/models/stats',
    '/v2/models/',
    '/v2//infer',
    '/',
    '//',
    '/?',
  ),
  segment.map((name) => `/v2/repository/models/${name}/load`),
);

/** JSON as people write it, and as nobody should. */
const json = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '{"inputs":[]}',
    '[NaN]',
    '[1e400]',
    '{"__proto__":{"inputs":[]}}',
    '"\\ud800"',
    '\ufeff{}',
    'null',
    '',
  ),
  fc.integer({ min: 1, max: 50_000 }).map((depth) => '['.repeat(depth)),
  fc.integer({ min: 1, max: 5_000 }).map((depth) => `{"inputs":${'[{"data":'.repeat(depth)}1${'}]'.repeat(depth)}}`),
);

/** A number as JSON has it, or a word that it has not. */
const numeral = oddNumber.map(String);
const element = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 300 }).map(String) },
  numeral,
  fc.constantFrom('true', 'false', 'null', '"a"', '"\\u0000"', '[]', '[1, 2]', '{}', '1.5', '"1"', '-0', '00'),
);
const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('x', 'features', ...datatypes) }, oddText);
const text = (value: string): string => JSON.stringify(value);
const parameters = fc.constantFrom(
  ...['{}', '{"binary_data":true}', '{"binary_data_size":8}', '{"binary_data_size":-1}', '{"binary_data_size":1e99}'],
  ...['{"shared_memory_region":"a"}', '{"classification":3}', '{"binary_data":"yes"}', '[]', 'null'],
);
const size = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }).map(String) }, numeral);
const input = fc
  .record({
    name,
    datatype: fc.oneof({ weight: 8, arbitrary: fc.constantFrom<string>(...datatypes) }, oddText),
    shape: fc.array(size, { maxLength: 4 }),
    parameters: fc.option(parameters, { nil: undefined }),
    data: fc.option(fc.array(element, { maxLength: 8 }), { nil: undefined }),
  })
  .map(
    (one) =>
      `{"name":${text(one.name)},"datatype":${text(one.datatype)},"shape":[${one.shape.join()}]` +
      (one.parameters === undefined ? '' : `,"parameters":${one.parameters}`) +
      (one.data === undefined ? '' : `,"data":[${one.data.join()}]`) +
      '}',
  );
const outputs = fc.array(
  fc.tuple(name, parameters).map(([wanted, more]) => `{"name":${text(wanted)},"parameters":${more}}`),
  { maxLength: 3 },
);
const inferRequest = fc
  .record({ inputs: fc.array(input, { maxLength: 3 }), outputs, parameters, id: fc.oneof(oddText.map(text), element) })
  .map(
    (one) =>
      `{"id":${one.id},"parameters":${one.parameters},"inputs":[${one.inputs.join()}],"outputs":[${one.outputs.join()}]}`,
  );
const records = fc
  .array(
    fc.dictionary(fc.constantFrom('petal_length', 'petal width (cm)', 'PETAL WIDTH', 'x', '0', '__proto__'), element),
    {
      maxLength: 4,
    },
  )
  .map(
    (rows) =>
      `[${rows
        .map(
          (row) =>
            `{${Object.entries(row)
              .map(([key, value]) => `${text(key)}:${value}`)
              .join()}}`,
        )
        .join()}]`,
  );
const scoring = fc
  .tuple(
    fc.constantFrom('dataframe_split', 'dataframe_records', 'instances', 'inputs', 'params', 'columns'),
    fc.oneof(json, records),
  )
  .map(([key, value]) => `{"${key}":${value}}`);

/** Right, or almost: the elements follow in binary. */
const inBinary = fc
  .record({
    type: fc.constantFrom(...datatypes),
    rows: fc.integer({ min: 0, max: 3 }),
    bytes: fc.uint8Array({ maxLength: 48 }),
    told: fc.constantFrom(0, 0, 0, 1, -1, 1_000),
    header: fc.constantFrom(0, 0, 0, 1, -1, 1_000),
    all: fc.boolean(),
  })
  .map(({ type, rows, bytes, told, header, all }) => {
    const parts = `"parameters":{"binary_data_size":${String(bytes.length + told)}}`;
    const head = `{"inputs":[{"name":"x","datatype":"${type}","shape":[${String(rows)},2],${parts}}],"parameters":{"binary_data_output":${String(all)}}}`;
    const length = Math.max(0, Buffer.byteLength(head) + header);
    return {
      path: `/v2/models/echo_${type}/infer`,
      headers: { 'inference-header-content-length': String(length) },
      body: Buffer.concat([Buffer.from(head), bytes]),
    };
  });

const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'application/octet-stream', 'text/csv', 'text/plain', 'x', ''),
    'inference-header-content-length': fc.constantFrom('0', '1', '50', '-1', '1e3', 'x', '99999999999', ''),
    'content-encoding': fc.constantFrom('gzip', 'deflate', 'br', 'identity', 'x', 'gzip, gzip'),
    'x-request-id': oddText.map((given) => encodeURI(shortened(given))),
    traceparent: fc.constantFrom('', '00', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '-'.repeat(900)),
    accept: fc.constantFrom('*/*', 'text/csv', ''),
  },
  { requiredKeys: [] },
);
const bytesOf = (sent: string): Buffer => Buffer.from(sent);
const few = fc.oneof({ weight: 4, arbitrary: fc.constant<Record<string, string>>({}) }, headers);
const body = fc.oneof(
  { weight: 6, arbitrary: inferRequest.map(bytesOf) },
  { weight: 3, arbitrary: damaged(inferRequest.map(bytesOf)) },
  { weight: 2, arbitrary: fc.oneof(records, scoring).map(bytesOf) },
  { weight: 2, arbitrary: json.map(bytesOf) },
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  inferRequest.map((asked) => gzipSync(asked)),
);
const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'),
);

/** A request of any kind, from almost right to noise. */
export const httpRequest: fc.Arbitrary<HttpAsked> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ method, path, headers: few, body }) },
  { weight: 1, arbitrary: inBinary.map((asked) => ({ method: 'POST', ...asked })) },
  {
    weight: 1,
    arbitrary: fc.tuple(inBinary, damaged(inBinary.map((one) => one.body))).map(([asked, bytes]) => ({
      method: 'POST',
      ...asked,
      body: bytes,
    })),
  },
);
