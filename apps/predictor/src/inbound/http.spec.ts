import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from '#onnx';
import { eventually } from '#testing';
import { PredictorRig } from '../predictor-rig.behaviour.js';

const row = { petal_length: 1, petal_width: 2 };
const tensor = { name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
const identity = writeModel({
  name: 'identity',
  inputs: [{ name: 'x', datatype: 'INT64', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'INT64', shape: [-1, 2] }],
  nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
});

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.promote(4, {
    model: 'whole numbers',
    artifact: await rig.stored(identity),
    signature: {
      inputs: [{ name: 'x', datatype: 'INT64', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'INT64', shape: [-1, 2] }],
    },
    firstPromotedAt: '2026-03-01T00:00:00.000Z',
  });
  await rig.servesVersion(1);
  await eventually(async () => {
    expect(await rig.ready()).toBe(200);
    expect((await rig.ask('/models/whole%20numbers/info')).status).toBe(200);
  });
});
afterAll(() => rig.end());

describe('POST /predict', () => {
  it('takes a list of records', async () => {
    const answer = await rig.ask('/predict', [row]);
    expect(answer).toMatchObject({ status: 200, version: '1', body: { predictions: [1] } });
    expect(answer.body).not.toHaveProperty('probabilities');
  });

  it.each<[string, unknown, string]>([
    ['an empty body', '', 'The body is empty'],
    ['no JSON', '[{', 'The body is not JSON'],
    ['no text', new Uint8Array([0xff, 0xfe, 0x00]), 'not UTF-8'],
    ['no list', { features: [1, 2] }, 'must be a list of records, such as [{"petal_length": 1.5, "petal_width": 1.5}]'],
    ['an empty list', [], 'no record'],
    ['a missing feature', [row, { petal_length: 1 }], 'Row 1: the feature "petal width (cm)" is missing.'],
    ['an unknown feature', [{ ...row, colour: 3 }], 'Row 0: the model has no feature "colour".'],
    ['text', [row, { ...row, petal_width: '2' }], 'Row 1: the feature "petal_width" must be a number, not "2".'],
    ['null', [{ ...row, petal_width: null }], 'Row 0: the feature "petal_width" must be a number, not null.'],
  ])('refuses %s and says what is wrong', async (_, body, detail) => {
    const answer = await rig.ask('/predict', body);
    expect(answer).toMatchObject({ status: 400, version: '1', body: { code: 'INPUT_INVALID' } });
    expect(answer.body.detail).toContain(detail);
  });

  it('refuses probabilities of a model that has none, and a word that is neither true nor false', async () => {
    expect(await rig.ask('/models/whole%20numbers/predict?proba=true', [{ a: 1, b: 2 }])).toMatchObject({
      status: 400,
    });
    expect(await rig.ask('/predict?proba=maybe', [row])).toMatchObject({ status: 400 });
    expect((await rig.ask('/predict?proba=false', [row])).body).not.toHaveProperty('probabilities');
  });

  it('refuses 50 MB with an answer, and lives on', async () => {
    const answer = await rig.ask('/predict', Buffer.alloc(50_000_000, '1'));
    expect(answer).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await rig.ask('/v2/models/iris/infer', Buffer.alloc(50_000_000, '1'))).toMatchObject({
      status: 413,
      body: { error: expect.stringContaining('larger than the limit') as string },
    });
    expect(await rig.ask('/predict', [row])).toMatchObject({ status: 200 });
  });

  it('refuses a large body whose length is not announced', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        for (let part = 0; part < 50; part += 1) controller.enqueue(Buffer.alloc(10_000, '1'));
        controller.close();
      },
    });
    const answer = await fetch(`${rig.url}/predict`, { method: 'POST', body, duplex: 'half' });
    expect(answer.status).toBe(413);
    expect(await rig.ask('/predict', [row])).toMatchObject({ status: 200 });
  });

  it('takes fields in the order written when the model names no columns, and flattens nothing it must not', async () => {
    const answer = await rig.ask('/models/whole%20numbers/predict', [{ a: 1, b: 2 }]);
    expect(answer.body).toEqual({ predictions: [[1, 2]], model_name: 'whole numbers', model_version: '4' });
  });
});

describe('what it says of itself', () => {
  it('welcomes', async () => {
    expect((await rig.ask('/')).body).toMatchObject({ message: expect.stringContaining('/predict') as string });
  });

  it('counts requests by model, version and outcome', async () => {
    await rig.ask('/predict', [row]);
    const text = await (await fetch(`${rig.url}/metrics`)).text();
    expect(text).toMatch(/baton_predictor_requests_total\{model="iris",version="1",outcome="ok"\} \d+/);
    expect(text).toMatch(/baton_promotion_to_serving_seconds_count\{model="iris"\} 1/);
    expect(text).toContain('baton_predictor_active_generation{model="iris"} 1');
  });
});

describe('Open Inference Protocol V2', () => {
  const infer = (inputs: unknown, more = {}, path = '/v2/models/iris/infer') => rig.ask(path, { inputs, ...more });

  it('describes the server and its models', async () => {
    expect((await rig.ask('/v2')).body).toMatchObject({
      name: 'baton-predictor',
      extensions: expect.arrayContaining(['binary_tensor_data', 'statistics']) as string[],
    });
    expect((await rig.ask('/v2/')).status).toBe(200);
    expect((await rig.ask('/v2/health/ready')).body).toEqual({ ready: true, live: true });
    expect((await rig.ask('/v2/models')).body).toEqual({ models: ['iris', 'whole numbers'] });
    for (const path of ['/v2/models/iris', '/v2/models/iris/versions/1'])
      expect((await rig.ask(path)).body).toEqual({
        name: 'iris',
        versions: ['1'],
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
        outputs: [
          { name: 'label', datatype: 'INT64', shape: [-1] },
          { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
        ],
      });
    expect(await rig.ask('/v2/models/iris/versions/1/ready')).toMatchObject({ status: 200, body: { ready: true } });
  });

  it('echoes the id, answers all outputs or those asked for, takes nested or flat data', async () => {
    const flat = await infer([tensor], { id: '42' });
    expect(flat).toMatchObject({
      status: 200,
      version: '1',
      body: { model_name: 'iris', model_version: '1', id: '42' },
    });
    expect(flat.body.outputs).toMatchObject([
      { name: 'label', datatype: 'INT64', shape: [1], data: [1] },
      { name: 'probabilities', datatype: 'FP32', shape: [1, 2] },
    ]);
    const nested = await infer([{ ...tensor, data: [[1, 2]] }]);
    expect(nested.body.outputs).toEqual(flat.body.outputs);
    const one = await infer([tensor], { outputs: [{ name: 'label' }] }, '/v2/models/iris/versions/1/infer');
    expect(one.body.outputs).toEqual([{ name: 'label', datatype: 'INT64', shape: [1], data: [1] }]);
  });

  it('loses no digit of whole numbers beyond 2^53', async () => {
    const body =
      '{"inputs":[{"name":"x","datatype":"INT64","shape":[1,2],"data":[9007199254740993,-9223372036854775808]}]}';
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${rig.url}/v2/models/whole%20numbers/infer`, { method: 'POST', body, headers });
    expect(await answer.text()).toContain('"data":[9007199254740993,-9223372036854775808]');
  });

  it.each<[string, unknown, object, string]>([
    ['no inputs', undefined, {}, 'inputs'],
    ['an unknown input', [{ ...tensor, name: 'z' }], {}, 'Input "z" is unknown; the model takes "features".'],
    ['another type', [{ ...tensor, datatype: 'FP64' }], {}, 'Input "features" is FP64; the model takes FP32.'],
    ['another shape', [{ ...tensor, shape: [2, 1] }], {}, 'has shape [2,1]; the model takes [-1,2]'],
    ['too few values', [{ ...tensor, shape: [2, 2] }], {}, 'has 2 values; shape [2, 2] needs 4.'],
    ['ragged rows', [{ ...tensor, shape: [2, 2], data: [[1, 2], [3]] }], {}, 'has 1 values where axis 1'],
    ['text', [{ ...tensor, data: [1, 'two'] }], {}, 'Input "features", element [0, 1], must be a number.'],
    ['an unknown output', [tensor], { outputs: [{ name: 'nothing' }] }, 'Output "nothing" is unknown'],
    ['a number too large for its type', [{ ...tensor, data: [1e300, 1] }], {}, 'within the range of FP32'],
  ])('refuses %s', async (_, inputs, more, error) => {
    const answer = await infer(inputs, more);
    expect(answer).toMatchObject({
      status: 400,
      version: '1',
      body: { error: expect.stringContaining(error) as string },
    });
    expect(Object.keys(answer.body)).toEqual(['error']);
  });

  it.each([
    ['/v2/models/none/infer', 404],
    ['/v2/models/iris/versions/9/infer', 404],
    ['/v2/models/iris/versions/x/infer', 404],
    ['/v2/nowhere', 404],
  ])('says %s in its own words with %i', async (path, status) => {
    const answer = await infer([tensor], {}, path);
    expect(answer).toMatchObject({ status, body: { error: expect.any(String) as string } });
  });
});
