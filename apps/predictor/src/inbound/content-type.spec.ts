import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from '#onnx';
import { eventually } from '#testing';
import { PredictorRig } from '../predictor-rig.behaviour.js';

const infer = '/v2/models/iris/infer';
const tensors = JSON.stringify({ inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] });
const records = JSON.stringify([{ petal_length: 1, petal_width: 2 }]);
const echo = writeModel({
  name: 'echo',
  inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'BYTES', shape: [-1] }],
  nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
});

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.promote(1, {
    model: 'echo',
    artifact: await rig.stored(echo),
    signature: {
      inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1] }],
      outputs: [{ name: 'y', datatype: 'BYTES', shape: [-1] }],
    },
  });
  await rig.servesVersion(1);
  await eventually(async () => {
    expect((await rig.ask('/v2/models/echo/ready')).status).toBe(200);
  });
});
afterAll(() => rig.end());

/** Bytes have no type of their own for `fetch` to say; a stream has no length, so that Node's own server reads it. */
const ways: [string, (body: string) => Pick<RequestInit, 'body'> & { duplex?: 'half' }][] = [
  ['below Node’s server', (body) => ({ body: new TextEncoder().encode(body) })],
  ['through Node’s server', (body) => ({ body: new Blob([body]).stream(), duplex: 'half' })],
];
const post = async (path: string, sent: object, type?: string) => {
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  const answer = await fetch(rig.url + path, { method: 'POST', ...sent, headers });
  return { status: answer.status, type: answer.headers.get('content-type'), body: (await answer.json()) as object };
};

describe.each(ways)('%s', (_, sent) => {
  it.each([
    undefined,
    'application/json',
    'Application/JSON ; charset=utf-8',
    'application/vnd.kserve+json',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
  ])('JSON is taken as %s', async (type) => {
    expect(await post(infer, sent(tensors), type)).toMatchObject({ status: 200 });
    expect(await post('/models/iris/predict', sent(records), type)).toMatchObject({ status: 200 });
  });

  it.each(['application/xml', 'text/plain;charset=UTF-8', 'multipart/form-data; boundary=x', 'application/jsonl'])(
    '%s is refused in the words of each protocol, with the same type',
    async (type) => {
      expect(await post(infer, sent(tensors), type)).toEqual({
        status: 415,
        type: 'application/json; charset=utf-8',
        body: { error: expect.stringContaining(`"${type}" is not taken; send application/json`) as string },
      });
      expect(await post('/models/iris/predict', sent(records), type)).toMatchObject({
        status: 415,
        type: 'application/problem+json; charset=utf-8',
        body: { code: 'CONTENT_TYPE_UNSUPPORTED' },
      });
    },
  );

  it('errors have one type, whichever way they come', async () => {
    expect(await post(infer, sent('['))).toMatchObject({ status: 400, type: 'application/json; charset=utf-8' });
  });
});

it('half of a surrogate pair is no text: it is refused rather than changed', async () => {
  const asked = (data: string) =>
    `{"inputs":[{"name":"x","datatype":"BYTES","shape":[2],"data":["\\ud83d\\ude00",${data}]}]}`;
  const good = await rig.ask('/v2/models/echo/infer', asked('"b"'));
  expect(good.body.outputs).toMatchObject([{ data: ['\u{1f600}', 'b'] }]);
  for (const half of ['"\\ud83d"', '"a\\ude00b"'])
    expect(await rig.ask('/v2/models/echo/infer', asked(half))).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('element [1], must be whole characters') as string },
    });
  expect(await rig.ask('/models/echo/predict', '[{"x":"\\ud83d"}]')).toMatchObject({ status: 400 });
  expect(await rig.ask('/models/echo/invocations', '{"dataframe_split":{"data":[["\\ud83d"]]}}')).toMatchObject({
    status: 400,
  });
});

it.each(['{"ready":"x"}', '5', '[]', 'null', '{"ready":null}'])('the repository index refuses %s', async (body) => {
  expect(await rig.ask('/v2/repository/index', body)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('{"ready": true}') as string },
  });
});
