import { deflateSync, gzipSync, brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PredictorRig } from '../predictor-rig.behaviour.js';

const tensor = { name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
const good = { inputs: [tensor] };
const json = (inputs: string): string => `{"inputs":[${inputs}]}`;
const withData = (data: string, shape = '[1,2]'): string =>
  json(`{"name":"features","datatype":"FP32","shape":${shape},"data":${data}}`);

let rig: PredictorRig;
beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start();
  await rig.promote(1);
  await rig.servesVersion(1);
});
afterAll(() => rig.end());

describe('bad input over the Open Inference Protocol', () => {
  it.each<[string, string | Uint8Array, number, Record<string, string>?]>([
    ['nothing', '', 400],
    ['truncated JSON', '{"inputs":[{"name":"features","datatype":"FP3', 400],
    ['no text', new Uint8Array([0x7b, 0xff, 0xfe]), 400],
    ['JSON that is no object', '"inputs"', 400],
    ['null', 'null', 400],
    ['a form', 'inputs=1&x=2', 400, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['protobuf', new Uint8Array([10, 4, 105, 114, 105, 115]), 415, { 'content-type': 'application/x-protobuf' }],
    ['a broken content type', JSON.stringify(good), 415, { 'content-type': '/;' }],
    ['an unknown encoding', JSON.stringify(good), 400, { 'content-encoding': 'zstd-17' }],
    ['gzip that is none', JSON.stringify(good), 400, { 'content-encoding': 'gzip' }],
    ['a gzip bomb', gzipSync(Buffer.alloc(50_000_000)), 413, { 'content-encoding': 'gzip' }],
    ['NaN', withData('[NaN,1]'), 400],
    ['-Infinity', withData('[-Infinity,1]'), 400],
    ['1e999', withData('[1e999,1]'), 400],
    ['2^63 as a size', withData('[1,2]', '[9223372036854775808,2]'), 400],
    ['sizes whose product is beyond every memory', withData('[1,2]', '[9007199254740991,2]'), 400],
    ['a fraction as a size', withData('[1,2]', '[0.5,2]'), 400],
    ['a shape that does not match the data', withData('[1,2,3]'), 400],
    ['a thousand brackets', withData('['.repeat(1_000) + ']'.repeat(1_000)), 400],
    ['forty thousand brackets', '['.repeat(40_000) + ']'.repeat(40_000), 400],
    ['ninety thousand opening brackets', '['.repeat(90_000), 400],
    ['objects in objects', '{"inputs":'.repeat(9_000) + '1' + '}'.repeat(9_000), 400],
    ['an unknown datatype', json('{"name":"features","datatype":"FP8","shape":[1,2],"data":[1,2]}'), 400],
    ['a datatype that is a number', json('{"name":"features","datatype":32,"shape":[1,2],"data":[1,2]}'), 400],
    ['an input given twice', JSON.stringify({ inputs: [tensor, tensor] }), 400],
    [
      'an input called __proto__',
      json('{"__proto__":1,"name":"__proto__","datatype":"FP32","shape":[1],"data":[1]}'),
      400,
    ],
    ['more than the limit', ' '.repeat(100_001), 413],
  ])('answers %s in its own words', async (_, body, status, headers = {}) => {
    const answer = await rig.ask('/v2/models/iris/infer', body, headers);
    expect(answer).toEqual({
      status,
      version: status === 413 || headers['content-type'] === '/;' || 'content-encoding' in headers ? null : '1',
      body: { error: expect.stringMatching(/\w/) as string },
    });
    expect(await rig.ask('/v2/models/iris/infer', good)).toMatchObject({ status: 200 });
  });

  it.each(['/v2/models/nobody/infer', '/v2/models/iris/versions/9/infer', '/v2/models/iris/versions/1e0/infer'])(
    'answers %s with 404',
    async (path) => {
      expect(await rig.ask(path, good)).toEqual({
        status: 404,
        version: null,
        body: { error: expect.stringMatching(/\w/) as string },
      });
    },
  );

  it.each(['/v2/models/%/infer', `/v2/models/${'x'.repeat(5_000)}/infer`])('answers the path %.30s', async (path) => {
    const answer = await rig.ask(path, good);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(Object.keys(answer.body)).toEqual(['error']);
  });

  it('takes no rows for what they are', async () => {
    const answer = await rig.ask('/v2/models/iris/infer', withData('[]', '[0,2]'));
    expect(answer).toMatchObject({ status: 200, body: { outputs: [{ shape: [0], data: [] }, { shape: [0, 2] }] } });
  });

  it('takes compressed bodies', async () => {
    const encoded = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };
    for (const [encoding, encode] of Object.entries(encoded)) {
      const body = encode(JSON.stringify(good));
      const answer = await rig.ask('/v2/models/iris/infer', body, { 'content-encoding': encoding });
      expect(answer).toMatchObject({ status: 200, version: '1' });
    }
  });
});

describe('the repository', () => {
  it('lists what is served, and what is not yet', async () => {
    const failing = await rig.promotionOf(3, { model: 'broken' });
    await rig.store.put(failing.artifact.key, new Uint8Array(3));
    await rig.say(failing);
    await expect
      .poll(async () => (await rig.ask('/v2/repository/index', '')).body)
      .toEqual([
        { name: 'broken', version: '3', state: 'UNAVAILABLE', reason: expect.stringContaining('verify: ') as string },
        { name: 'iris', version: '1', state: 'READY', reason: '' },
      ]);
    expect((await rig.ask('/v2/repository/index', { ready: true })).body).toMatchObject([{ name: 'iris' }]);
  });

  it('says whose business loading is', async () => {
    for (const action of ['load', 'unload'])
      expect(await rig.ask(`/v2/repository/models/iris/${action}`, {})).toMatchObject({
        status: 409,
        body: { error: expect.stringContaining('controlled by promotions') as string },
      });
    expect(await rig.ask('/v2/repository/models/iris/dance', {})).toMatchObject({ status: 404 });
  });

  it('tells a client when to come again while a model is not ready', async () => {
    const answer = await fetch(`${rig.url}/v2/models/broken/infer`, { method: 'POST', body: JSON.stringify(good) });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    const ready = await fetch(`${rig.url}/v2/models/broken/ready`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await fetch(`${rig.url}/v2/models/nobody/ready`)).headers.get('retry-after')).toBeNull();
  });
});
