import { availableParallelism } from 'node:os';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from '#onnx';
import { eventually } from '#testing';
import { PredictorRig } from '../../predictor-rig.behaviour.js';
import { GrpcClient } from './grpc-client.behaviour.js';
import type { Message } from './protocol.js';

const OK = 0;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;

const whole = { name: 'x', datatype: 'INT64', shape: [-1, 2] } as const;
const identity = writeModel({
  name: 'identity',
  inputs: [{ ...whole, shape: [-1, 2] }],
  outputs: [{ ...whole, name: 'y', shape: [-1, 2] }],
  nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
});
const row = { name: 'features', datatype: 'FP32', shape: ['1', '2'] };
const typed = { ...row, contents: { fp32_contents: [1, 2] } };
const raw = Buffer.from(Float32Array.of(1, 2).buffer);
const ask = (inputs: Message[], more: Message = {}): Message => ({ model_name: 'iris', inputs, ...more });

let rig: PredictorRig;
let client: GrpcClient;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  client = new GrpcClient(rig.grpcPort);
  await rig.promote(1);
  await rig.promote(4, {
    model: 'whole numbers',
    artifact: await rig.stored(identity),
    signature: { inputs: [{ ...whole, shape: [-1, 2] }], outputs: [{ ...whole, name: 'y', shape: [-1, 2] }] },
  });
  await rig.servesVersion(1);
  await eventually(async () => {
    expect(await rig.ready()).toBe(200);
    expect((await rig.ask('/models/whole%20numbers/info')).status).toBe(200);
  });
});
afterAll(async () => {
  client.close();
  await rig.end();
});

describe('what gRPC says of the server and its models', () => {
  it('is live and ready', async () => {
    expect((await client.ask('ServerLive')).message).toEqual({ live: true });
    expect((await client.ask('ServerReady')).message).toEqual({ ready: true });
    expect((await client.ask('ServerMetadata')).message).toMatchObject({ name: 'baton-predictor' });
  });

  it.each([
    [{ name: 'iris' }, true],
    [{ name: 'iris', version: '1' }, true],
    [{ name: 'iris', version: '2' }, false],
    [{ name: 'none' }, false],
  ])('is asked whether %o is ready: %o', async (asked, ready) => {
    expect(await client.ask('ModelReady', asked)).toMatchObject({ code: OK, message: { ready } });
  });

  it('describes a model', async () => {
    const { message, headers } = await client.ask('ModelMetadata', { name: 'iris', version: '1' });
    expect(message).toEqual({
      name: 'iris',
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'features', datatype: 'FP32', shape: ['-1', '2'] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: ['-1'] },
        { name: 'probabilities', datatype: 'FP32', shape: ['-1', '2'] },
      ],
    });
    expect(headers).toMatchObject({ 'x-model-version': '1' });
  });

  it('tells configuration and statistics as over HTTP', async () => {
    const config = (await client.ask('ModelConfig', { name: 'iris' })).message.config as Message;
    expect(config).toMatchObject({
      name: 'iris',
      backend: 'onnxruntime',
      version_policy: { specific: { versions: ['1'] } },
      input: [{ name: 'features', data_type: 'TYPE_FP32', dims: ['2'] }],
      output: [{ name: 'label', data_type: 'TYPE_INT64' }, { name: 'probabilities' }],
      instance_group: [{ kind: 'KIND_CPU', count: availableParallelism() }],
    });
    expect(config.max_batch_size).toBe((await rig.ask('/v2/models/iris/config')).body.max_batch_size);
    await client.infer(ask([typed]));
    const { message } = await client.ask('ModelStatistics', { name: 'iris', version: '1' });
    const http = (await rig.ask('/v2/models/iris/stats')).body as { model_stats: Message[] };
    const [said] = message.model_stats as Message[];
    expect(Number(said.inference_count)).toBeGreaterThan(0);
    expect(said).toMatchObject({
      name: 'iris',
      version: '1',
      inference_count: String(http.model_stats[0].inference_count),
    });
    expect((await client.ask('ModelStatistics')).message.model_stats).toHaveLength(2);
    expect(await client.ask('ModelStatistics', { name: 'none' })).toMatchObject({ code: NOT_FOUND });
    expect(await client.ask('ModelConfig', { name: 'none' })).toMatchObject({ code: NOT_FOUND });
  });

  it('lists what is served, with names as they are', async () => {
    const ready = { version: '1', state: 'READY', reason: '' };
    const expected = [
      { ...ready, name: 'iris' },
      { ...ready, name: 'whole numbers', version: '4' },
    ];
    for (const asked of [{}, { ready: true }])
      expect((await client.ask('RepositoryIndex', asked)).message).toEqual({ models: expected });
  });

  it.each(['RepositoryModelLoad', 'RepositoryModelUnload'])('refuses %s and says who decides', async (name) => {
    expect(await client.ask(name, { model_name: 'iris' })).toMatchObject({
      code: FAILED_PRECONDITION,
      details: expect.stringContaining('controlled by promotions') as string,
    });
  });
});

describe('ModelInfer', () => {
  it.each<[string, Message]>([
    ['typed contents', ask([typed])],
    ['raw contents', ask([row], { raw_input_contents: [raw] })],
    ['a version', ask([typed], { model_version: '1' })],
  ])('takes %s and answers raw', async (_, request) => {
    const answer = await client.infer({ ...request, id: '42' });
    const http = await rig.ask('/v2/models/iris/infer', { inputs: [{ ...row, shape: [1, 2], data: [1, 2] }] });
    const [, { data }] = http.body.outputs as { data: number[] }[];
    expect(answer).toMatchObject({
      code: OK,
      headers: { 'x-model-version': '1' },
      message: {
        model_name: 'iris',
        model_version: '1',
        id: '42',
        outputs: [
          { name: 'label', datatype: 'INT64', shape: ['1'] },
          { name: 'probabilities', datatype: 'FP32', shape: ['1', '2'] },
        ],
        raw_output_contents: [Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(Float32Array.from(data).buffer)],
      },
    });
  });

  it('passes on the id of a request and its trace, or makes an id', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const named = await client.ask('ModelInfer', ask([typed]), { metadata: { 'x-request-id': 'abc', traceparent } });
    expect(named.headers).toMatchObject({ 'x-request-id': 'abc', traceparent });
    const refused = await client.ask('ModelInfer', ask([]), { metadata: { 'x-request-id': 'abc', traceparent: 'x' } });
    expect(refused.headers).toMatchObject({ 'x-request-id': 'abc' });
    expect(refused.headers).not.toHaveProperty('traceparent');
    const [one, two] = [await client.infer(ask([typed])), await client.infer(ask([typed]))];
    expect(one.headers['x-request-id']).toMatch(/./);
    expect(one.headers['x-request-id']).not.toBe(two.headers['x-request-id']);
  });

  it('answers the outputs that were asked for, in that order', async () => {
    const { message } = await client.infer(ask([typed], { outputs: [{ name: 'probabilities' }, { name: 'label' }] }));
    expect(message.outputs).toMatchObject([{ name: 'probabilities' }, { name: 'label' }]);
    expect((await client.infer(ask([typed], { outputs: [{ name: 'label' }] }))).message.outputs).toHaveLength(1);
  });

  it('loses no digit of whole numbers beyond 2^53', async () => {
    const contents = { int64_contents: ['9007199254740993', '-9223372036854775808'] };
    const { message } = await client.infer({
      model_name: 'whole numbers',
      inputs: [{ name: 'x', datatype: 'INT64', shape: ['1', '2'], contents }],
    });
    const [bytes] = message.raw_output_contents as Buffer[];
    expect([bytes.readBigInt64LE(0), bytes.readBigInt64LE(8)]).toEqual([9_007_199_254_740_993n, -(2n ** 63n)]);
  });

  const fp32 = (values: number[]): Message => ({ contents: { fp32_contents: values } });
  it.each<[string, Message, string]>([
    ['no inputs', ask([]), 'Input "features" is missing.'],
    ['an unknown input', ask([typed, { ...typed, name: 'z' }]), 'Input "z" is unknown; the model takes "features".'],
    ['an input twice', ask([typed, typed]), 'Input "features" is given twice.'],
    ['another type', ask([{ ...typed, datatype: 'FP64' }]), 'Input "features" is FP64; the model takes FP32.'],
    ['an unknown type', ask([{ ...typed, datatype: 'BF17' }]), 'Input "features" is BF17; the model takes FP32.'],
    ['no type', ask([{ ...typed, datatype: '' }]), 'is of no type; the model takes FP32.'],
    ['too many dimensions', ask([{ ...typed, shape: ['1', '1', '2'] }]), 'has 3 dimensions; the model takes [-1, 2].'],
    ['a dimension below 0', ask([{ ...typed, shape: ['-1', '2'] }]), 'has shape [-1, 2]; sizes are counted from 0.'],
    ['a dimension of 2^63 - 1', ask([{ ...typed, shape: ['9223372036854775807', '2'] }]), 'sizes are counted from 0.'],
    ['a huge dimension', ask([{ ...typed, shape: ['1000000000000', '2'] }]), 'needs 2000000000000.'],
    ['another width', ask([{ ...row, shape: ['2', '1'], ...fp32([1, 2]) }]), 'the model takes [-1,2]'],
    ['too few values', ask([{ ...row, ...fp32([1]) }]), 'has 1 values; shape [1, 2] needs 2.'],
    ['no values', ask([row]), 'has 0 values; shape [1, 2] needs 2.'],
    [
      'values of another field',
      ask([{ ...row, contents: { fp64_contents: [1, 2] } }]),
      'Input "features" is FP32; its elements belong into fp32_contents.',
    ],
    [
      'values of two fields',
      ask([{ ...row, contents: { fp32_contents: [1, 2], fp64_contents: [1] } }]),
      'its elements belong into fp32_contents',
    ],
    ['both ways at once', ask([typed], { raw_input_contents: [raw] }), 'has contents beside raw_input_contents'],
    ['raw contents too few', ask([row], { raw_input_contents: [raw, raw] }), '2 raw_input_contents for 1 inputs'],
    ['raw contents too short', ask([row], { raw_input_contents: [raw.subarray(1)] }), 'has 7 bytes; FP32 of shape'],
    ['an unknown output', ask([typed], { outputs: [{ name: 'nothing' }] }), 'Output "nothing" is unknown'],
    [
      'an input in shared memory',
      ask([{ ...row, parameters: { shared_memory_region: { string_param: 'a' } } }]),
      'Input "features" names shared memory',
    ],
    [
      'an output into shared memory',
      ask([typed], { outputs: [{ name: 'label', parameters: { shared_memory_region: { string_param: 'a' } } }] }),
      'Output "label" names shared memory',
    ],
    [
      'a classification',
      ask([typed], { outputs: [{ name: 'label', parameters: { classification: { int64_param: '2' } } }] }),
      'ask for the tensor',
    ],
  ])('refuses %s', async (_, request, details) => {
    const answer = await client.infer(request);
    expect(answer).toMatchObject({
      code: INVALID_ARGUMENT,
      details: expect.stringContaining(details) as string,
      headers: { 'x-model-version': '1' },
    });
  });

  it.each<[string, Message, number]>([
    ['an unknown model', { model_name: 'none' }, NOT_FOUND],
    ['no model', {}, NOT_FOUND],
    ['an unknown version', { model_name: 'iris', model_version: '9' }, NOT_FOUND],
    ['a version that is no number', { model_name: 'iris', model_version: '1e0' }, NOT_FOUND],
    ['a name longer than trailers may be', { model_name: 'ü'.repeat(20_000) }, NOT_FOUND],
    ['more than the limit', ask([row], { raw_input_contents: [Buffer.alloc(200_000)] }), RESOURCE_EXHAUSTED],
  ])('refuses %s', async (_, request, code) => {
    expect(await client.infer({ inputs: [typed], ...request })).toMatchObject({ code });
    expect(await client.infer(ask([typed]))).toMatchObject({ code: OK });
  });

  it.each(['ModelInfer', 'ModelMetadata', 'ServerReady'])('refuses bytes that are no message of %s', async (name) => {
    expect(await client.ask(name, Buffer.alloc(12, 255))).toMatchObject({ code: INVALID_ARGUMENT });
  });

  it('refuses methods that there are not, and what is no gRPC', async () => {
    expect(await answerOf('/inference.GRPCInferenceService/Nothing')).toMatchObject({ 'grpc-status': '12' });
    expect(await answerOf('/')).toMatchObject({ 'grpc-status': String(UNIMPLEMENTED) });
    expect(await answerOf('/inference.GRPCInferenceService/ServerLive', 'text/plain')).toMatchObject({
      ':status': 415,
    });
  });
});

/** The headers of an answer to a bare HTTP/2 request. */
const answerOf = (path: string, type = 'application/grpc'): Promise<object> =>
  new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${String(rig.grpcPort)}`);
    session.on('error', reject);
    session
      .request({ ':method': 'POST', ':path': path, 'content-type': type, te: 'trailers' }, { endStream: true })
      .on('response', (headers) => {
        session.close();
        resolve(headers);
      })
      .on('error', reject);
  });
