import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Datatype } from '#contracts';
import { readModel, signatureOf, writeModel, type Tensor } from '#onnx';
import { eventually } from '#testing';
import { readRaw, writeRaw } from '../core/raw-tensors.js';
import { PredictorRig } from '../predictor-rig.behaviour.js';

const tensors: Tensor[] = [
  { name: 'BOOL', datatype: 'BOOL', shape: [2, 1], data: new Uint8Array([1, 0]) },
  { name: 'UINT8', datatype: 'UINT8', shape: [2, 1], data: new Uint8Array([0, 255]) },
  { name: 'UINT16', datatype: 'UINT16', shape: [2, 1], data: new Uint16Array([0, 65_535]) },
  { name: 'UINT32', datatype: 'UINT32', shape: [2, 1], data: new Uint32Array([0, 4_294_967_295]) },
  { name: 'UINT64', datatype: 'UINT64', shape: [2, 1], data: new BigUint64Array([0n, 2n ** 64n - 1n]) },
  { name: 'INT8', datatype: 'INT8', shape: [2, 1], data: new Int8Array([-128, 127]) },
  { name: 'INT16', datatype: 'INT16', shape: [2, 1], data: new Int16Array([-32_768, 32_767]) },
  { name: 'INT32', datatype: 'INT32', shape: [2, 1], data: new Int32Array([-2_147_483_648, 2_147_483_647]) },
  { name: 'INT64', datatype: 'INT64', shape: [2, 1], data: new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]) },
  { name: 'FP16', datatype: 'FP16', shape: [2, 1], data: new Uint16Array([0x3c00, 0x0001]) },
  { name: 'FP32', datatype: 'FP32', shape: [2, 1], data: new Float32Array([0.1, -3.5]) },
  { name: 'FP64', datatype: 'FP64', shape: [2, 1], data: new Float64Array([0.1, 1e300]) },
  { name: 'BYTES', datatype: 'BYTES', shape: [2, 1], data: ['grün', ''] },
];
const outputOf = (name: string) => `${name} out`;
const model = writeModel({
  name: 'every type',
  inputs: tensors.map(({ name, datatype }) => ({ name, datatype, shape: [-1, 1] })),
  outputs: tensors.map(({ name, datatype }) => ({ name: outputOf(name), datatype, shape: [-1, 1] })),
  nodes: tensors.map(({ name }) => ({ op: 'Identity', inputs: [name], outputs: [outputOf(name)] })),
});

interface OutputHead {
  name: string;
  datatype: Datatype;
  shape: number[];
  parameters?: { binary_data_size: number };
  data?: unknown[];
}

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.promote(2, { model: 'types', artifact: await rig.stored(model), signature: signatureOf(readModel(model)) });
  await eventually(async () => {
    expect(await rig.ready()).toBe(200);
    for (const name of ['iris', 'types']) expect((await rig.ask(`/models/${name}/info`)).status).toBe(200);
  });
});
afterAll(() => rig.end());

const post = async (
  path: string,
  json: object | undefined,
  parts: Uint8Array[],
  headers: Record<string, string> = {},
) => {
  const head = json === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(json));
  const answer = await fetch(`${rig.url}${path}`, {
    method: 'POST',
    body: Buffer.concat([head, ...parts]),
    headers: { 'inference-header-content-length': String(head.length), ...headers },
  });
  const body = new Uint8Array(await answer.arrayBuffer());
  const length = Number(answer.headers.get('inference-header-content-length') ?? body.length);
  const text = Buffer.from(body.subarray(0, length)).toString();
  const { outputs = [] } = JSON.parse(text) as { outputs?: OutputHead[] };
  return { status: answer.status, headers: answer.headers, text, outputs, parts: body.subarray(length) };
};
const inBinary = ({ name, datatype, shape, ...rest }: Tensor) => {
  const bytes = writeRaw({ name, datatype, shape, ...rest });
  return { head: { name, datatype, shape, parameters: { binary_data_size: bytes.length } }, bytes };
};

describe('what tools ask of a model', () => {
  const ask = async (path: string) => (await rig.ask(`/v2/models/${path}`)).body;

  it('is told as the configuration that Triton has', async () => {
    for (const path of ['iris/config', 'iris/versions/1/config'])
      expect(await ask(path)).toMatchObject({
        name: 'iris',
        backend: 'onnxruntime',
        max_batch_size: 64,
        input: [{ name: 'features', data_type: 'TYPE_FP32', dims: [2] }],
        output: [
          { name: 'label', data_type: 'TYPE_INT64', dims: [1], reshape: { shape: [] } },
          { name: 'probabilities', data_type: 'TYPE_FP32', dims: [2] },
        ],
      });
    expect(await ask('types/config')).toMatchObject({ input: { length: 13, 12: { data_type: 'TYPE_STRING' } } });
    expect(await rig.ask('/v2/models/nobody/config')).toMatchObject({ status: 404 });
  });

  it('is told as statistics that grow with each request', async () => {
    const features = { name: 'features', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] };
    const stats = async () => (await ask('iris/stats')).model_stats as [{ batch_stats: object[] }];
    const [before] = await stats();
    await rig.ask('/v2/models/iris/infer', { inputs: [features] });
    await rig.ask('/v2/models/iris/infer', { inputs: [] });
    const [after] = await stats();
    const grew = (path: string): number => {
      const at = (one: object): number => path.split('.').reduce<unknown>((o, key) => (o as never)[key], one) as number;
      return at(after) - at(before);
    };
    expect(after).toMatchObject({ name: 'iris', version: '1' });
    expect(['inference_count', 'execution_count'].map(grew)).toEqual([2, 1]);
    expect(['success', 'fail', 'queue', 'compute_infer'].map((what) => grew(`inference_stats.${what}.count`))).toEqual([
      1, 1, 1, 1,
    ]);
    for (const what of ['success', 'compute_infer']) expect(grew(`inference_stats.${what}.ns`)).toBeGreaterThan(0);
    expect(after.batch_stats).toContainEqual(
      expect.objectContaining({ batch_size: 2, compute_infer: expect.objectContaining({ count: 1 }) as object }),
    );
    expect((await ask('stats')).model_stats).toMatchObject([{ name: 'iris' }, { name: 'types' }]);
  });
});

describe('tensors in binary over HTTP', () => {
  it('go in and come out bit for bit, of every type', async () => {
    const sent = tensors.map(inBinary);
    const answer = await post(
      '/v2/models/types/infer',
      { id: 'b', inputs: sent.map(({ head }) => head), parameters: { binary_data_output: true } },
      sent.map(({ bytes }) => bytes),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('x-model-version')).toBe('2');
    let at = 0;
    for (const [index, tensor] of tensors.entries()) {
      const { name, datatype, shape, parameters, data } = answer.outputs[index];
      const size = parameters?.binary_data_size ?? -1;
      expect({ name, datatype, shape, data }).toEqual({
        name: outputOf(tensor.name),
        datatype: tensor.datatype,
        shape: [2, 1],
        data: undefined,
      });
      expect(readRaw({ name, datatype, shape }, answer.parts.subarray(at, at + size))).toEqual(tensor.data);
      at += size;
    }
    expect(at).toBe(answer.parts.length);
  });

  it('mix with JSON in one request and in one answer', async () => {
    const sent = tensors.map(inBinary);
    const json = {
      inputs: sent.map(({ head }) => (head.name === 'FP32' ? { ...head, parameters: {}, data: [[0.5], [2]] } : head)),
      outputs: [
        { name: outputOf('INT64'), parameters: { binary_data: false } },
        { name: outputOf('FP32'), parameters: { binary_data: true } },
        { name: outputOf('BOOL') },
      ],
    };
    const parts = sent.filter(({ head }) => head.name !== 'FP32').map(({ bytes }) => bytes);
    const answer = await post('/v2/models/types/versions/2/infer', json, parts);
    expect(answer.text).toContain('"data":[-9223372036854775808,9223372036854775807]');
    expect(answer.outputs.map(({ data, parameters }) => data?.length ?? parameters)).toEqual([
      2,
      { binary_data_size: 8 },
      2,
    ]);
    expect(readRaw(answer.outputs[1], answer.parts)).toEqual(new Float32Array([0.5, 2]));
  });

  it('go in as a body without JSON, for a model of one input', async () => {
    const answer = await post('/v2/models/iris/infer', undefined, [writeRaw({ ...tensors[10], shape: [1, 2] })]);
    expect(answer.status).toBe(200);
    expect(answer.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['label', [1]],
      ['probabilities', [1, 2]],
    ]);
    expect(answer.parts).toHaveLength(8 + 8);
  });

  it('say half floats in binary only', async () => {
    const sent = tensors.map(inBinary);
    const json = { inputs: sent.map(({ head }) => head), outputs: [{ name: outputOf('FP16') }] };
    const parts = sent.map(({ bytes }) => bytes);
    const refused = await post('/v2/models/types/infer', json, parts);
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('which has no JSON form') as string });
  });

  const [fp32] = tensors.slice(10, 11).map((tensor) => inBinary({ ...tensor, name: 'features', shape: [1, 2] }));
  it.each<[string, object, Uint8Array[], Record<string, string>, string]>([
    ['a part cut short', { inputs: [fp32.head] }, [fp32.bytes.subarray(4)], {}, 'has 8 bytes in binary; only 4'],
    ['bytes left over', { inputs: [fp32.head] }, [fp32.bytes, fp32.bytes], {}, '8 bytes are left behind'],
    [
      'no header',
      { inputs: [fp32.head] },
      [],
      { 'inference-header-content-length': '' },
      'number of bytes of the JSON',
    ],
    ['a wrong header', { inputs: [fp32.head] }, [], { 'inference-header-content-length': '-1' }, 'number of bytes'],
    [
      'a header too large',
      { inputs: [fp32.head] },
      [],
      { 'inference-header-content-length': '9999' },
      'the whole body',
    ],
    ['a header too small', { inputs: [fp32.head] }, [], { 'inference-header-content-length': '5' }, 'is not JSON'],
  ])('are refused with %s', async (_, json, parts, headers, error) => {
    const answer = await post('/v2/models/iris/infer', json, parts, headers);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining(error) as string });
    expect(answer.headers.get('x-model-version')).toBe('1');
  });
});
