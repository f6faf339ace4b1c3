import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { readModel, signatureOf, writeModel } from '#onnx';
import { eventually } from '#testing';
import { GrpcClient } from './inbound/grpc/grpc-client.behaviour.js';
import { PredictorRig, type Answer } from './predictor-rig.behaviour.js';

let rig: PredictorRig;
beforeEach(async () => {
  rig = await PredictorRig.make();
});
afterEach(() => rig.end());

const served = (...names: string[]) =>
  eventually(async () => {
    const { models } = (await rig.ask('/models')).body as { models: { name: string; status: string }[] };
    expect(models.map(({ name, status }) => [name, status])).toEqual(names.map((name) => [name, 'serving']));
  });

describe('a predictor that serves some models', () => {
  it('goes by patterns of their names', async () => {
    await rig.start({ PREDICTOR_MODELS: 'shop-*, iris' });
    for (const model of ['shop-prices', 'wine', 'iris', 'iris-2']) await rig.promote(1, { model });
    await served('iris', 'shop-prices');
    expect((await rig.ask('/models/wine/info')).body).toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('goes by the tags that they have when they are promoted', async () => {
    await rig.start({ PREDICTOR_MODEL_TAGS: 'tier=gold,live' });
    await rig.promote(1, { model: 'gold', tags: { tier: 'gold' } });
    await rig.promote(1, { model: 'none' });
    const late = await rig.promotionOf(1, { model: 'silver', tags: { tier: 'gold' } });
    await rig.promote(2, { model: 'silver', tags: { tier: 'silver' } });
    await rig.say(late);
    await rig.promote(1, { model: 'live', tags: { live: 'yes' } });
    await served('gold', 'live');
    await rig.promote(2, { model: 'gold', tags: { tier: 'silver' } });
    await rig.promote(3, { model: 'silver', tags: { tier: 'gold' } });
    await served('live', 'silver');
    // It was not retired; it is none of this replica's, as one that never had the tag.
    const gone = (await rig.ask('/models/none/predict', [])).body;
    expect(gone).toMatchObject({ code: 'MODEL_NOT_FOUND', detail: 'No model "none" is promoted.' });
    expect((await rig.ask('/models/gold/predict', [])).body).toMatchObject({
      ...gone,
      detail: 'No model "gold" is promoted.',
    });
    await rig.retire('gold');
    await rig.retire('live');
    await served('silver');
    expect((await rig.ask('/models/gold/info')).body).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect((await rig.ask('/models/live/info')).body).toMatchObject({ code: 'MODEL_RETIRED' });
    await rig.promote(4, { model: 'gold', tags: { tier: 'gold' } });
    await rig.promote(1, { model: 'live', tags: { live: 'yes' } });
    await served('gold', 'live', 'silver');
    await rig.promote(5, { model: 'gold', tags: { tier: 'none' } });
    await served('live', 'silver');
    await eventually(async () => {
      expect((await rig.deployed()).findLast(({ model }) => model === 'gold')).toMatchObject({ state: 'unloaded' });
      expect(await readdir(join(rig.folder, 'models'))).toHaveLength(2);
    });
  });

  it('fails a load for which there is no room, in words, and goes on serving', async () => {
    await rig.start();
    await rig.promote(1);
    await rig.servesVersion(1);
    const { artifact } = await rig.promotionOf(2);
    await rig.promote(2, { artifact: { ...artifact, sizeBytes: 2 ** 50 } });
    await eventually(async () => {
      expect((await rig.ask('/model-info')).body).toMatchObject({
        version: '1',
        failure: { step: 'load', reason: expect.stringContaining('MEMORY_TOO_LOW') as string },
      });
    });
    expect(await rig.ready()).toBe(200);
  });
});

describe('the warm-up', () => {
  /** Answers 7 to 12 and fails at every other number, as zeros are. */
  const picky = writeModel({
    name: 'picky',
    inputs: [{ name: 'x', datatype: 'INT64', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    initializers: [
      { name: 'ten', shape: [1], data: BigInt64Array.of(10n) },
      { name: 'table', shape: [3], data: Float32Array.of(1, 2, 3) },
    ],
    nodes: [
      { op: 'Sub', inputs: ['x', 'ten'], outputs: ['at'] },
      { op: 'Gather', inputs: ['table', 'at'], outputs: ['y'] },
    ],
  });
  const promotePicky = async (version: number, more: Partial<ModelPromoted> = {}): Promise<void> => {
    const signature = signatureOf(readModel(picky));
    await rig.promote(version, { model: 'picky', artifact: await rig.stored(picky), signature, ...more });
  };

  it('asks what the version was logged with: a model that takes no zeros serves', async () => {
    await rig.start();
    await promotePicky(1);
    await eventually(async () => {
      expect((await rig.deployed()).at(-1)).toMatchObject({ model: 'picky', state: 'failed', step: 'warm-up' });
    });
    await promotePicky(2, { inputExample: { inputs: [11, 7] } });
    await served('picky');
    const body = { inputs: [{ name: 'x', datatype: 'INT64', shape: [2], data: [12, 10] }] };
    expect((await rig.ask('/v2/models/picky/infer', body)).body).toMatchObject({ outputs: [{ data: [3, 1] }] });
  });
});

describe('pinned versions', () => {
  let registry: Server;
  let asked: string[];
  let known: Map<string, ModelPromoted>;
  let registryUrl: string;
  beforeEach(async () => {
    asked = [];
    known = new Map();
    registry = createServer(({ url = '' }, response) => {
      asked.push(url);
      const found = known.get(url);
      response.statusCode = found === undefined ? 404 : 200;
      const problem = { type: 't', title: 't', status: 404, code: 'VERSION_NOT_FOUND', detail: 'No such version.' };
      response.end(JSON.stringify(found === undefined ? problem : viewOf(found)));
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    registryUrl = `http://127.0.0.1:${String((registry.address() as AddressInfo).port)}`;
  });
  afterEach(() => new Promise((resolve) => registry.close(resolve)));

  const viewOf = ({ model, version, artifact, signature }: ModelPromoted) => ({
    ...{ model, version, artifact, signature, servable: true, stage: 'Archived', aliases: [], runId: null },
    ...{ source: 'x', origin: 'client', requestId: null, createdAt: '2026-01-01T00:00:00.000Z', policyDecision: null },
  });
  const register = async (version: number): Promise<void> => {
    known.set(`/api/v1/models/iris/versions/${String(version)}`, await rig.promotionOf(version));
  };
  const input = { inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] };
  const infer = (version: number): Promise<Answer> =>
    rig.ask(`/v2/models/iris/versions/${String(version)}/infer`, input, { 'content-type': 'application/json' });
  const answers = (version: number) =>
    eventually(async () => {
      expect(await infer(version)).toMatchObject({ status: 200, body: { model_version: String(version) } });
    });

  it('answer beside the promoted one, through every swap; others are not found', async () => {
    await register(1);
    await register(7);
    await rig.start({ PREDICTOR_PINNED: 'iris:1, iris:7', REGISTRY_URL: registryUrl });
    await rig.promote(2);
    for (const version of [1, 2, 7]) await answers(version);
    const metrics = await (await fetch(`${rig.url}/metrics`)).text();
    const pending = [...metrics.matchAll(/^baton_predictor_pending_requests\{(.*)\} \d+$/gm)].map(
      ([, labels]) => labels,
    );
    expect(pending.sort()).toEqual([1, 2, 7].map((version) => `model="iris",version="${String(version)}"`));
    await rig.promote(3);
    await rig.servesVersion(3);
    for (const version of [1, 3, 7]) await answers(version);
    await eventually(async () => {
      expect((await infer(2)).status).toBe(404);
    });
    expect(new Set((await rig.ask('/v2/models/iris')).body.versions as string[])).toEqual(new Set(['3', '1', '7']));
    expect(new Set((await rig.deployed()).map(({ active }) => active?.version))).toEqual(new Set([undefined, 2, 3]));
    expect(asked).toHaveLength(2);
  });

  it('answer after a restart with the registry and the store down, until they are pinned no more', async () => {
    await register(1);
    await rig.start({ PREDICTOR_PINNED: 'iris:1', REGISTRY_URL: registryUrl });
    await answers(1);
    await eventually(async () => {
      expect(await readdir(join(rig.folder, 'pinned'))).toHaveLength(1);
    });
    await rig.stop();
    rig.store.away = true;
    known.clear();
    await rig.start({ PREDICTOR_PINNED: 'iris:1', REGISTRY_URL: registryUrl });
    await answers(1);
    expect(asked).toHaveLength(1);
    await rig.stop();
    await rig.start({ REGISTRY_URL: registryUrl });
    await eventually(async () => {
      expect(await readdir(join(rig.folder, 'pinned'))).toEqual([]);
      expect(await readdir(join(rig.folder, 'blobs'))).toEqual([]);
    });
  });

  it('make a replica ready by themselves, and are told of everywhere without a promotion', async () => {
    await register(1);
    await rig.start({ PREDICTOR_PINNED: 'iris:1, iris:9', REGISTRY_URL: registryUrl });
    await answers(1);
    await eventually(async () => {
      expect(await rig.ready()).toBe(200);
    });
    const one = await rig.ask('/v2/models/iris/versions/1');
    expect(one).toMatchObject({ status: 200, version: '1', body: { name: 'iris', versions: ['1'] } });
    expect((await rig.ask('/v2/models/iris/versions/1/ready')).status).toBe(200);
    expect((await rig.ask('/v2/models')).body).toEqual({ models: ['iris'] });
    expect((await rig.ask('/v2/models/iris')).body).toMatchObject({
      error: 'No model "iris" is promoted. Pinned here, and to be asked for by number: 1.',
    });
    expect((await rig.ask('/v2/models/stats')).body).toMatchObject({ model_stats: [{ name: 'iris', version: '1' }] });
    const index = await rig.ask('/v2/repository/index', '');
    expect(index.body).toEqual([
      { name: 'iris', version: '1', state: 'READY', reason: '' },
      { name: 'iris', version: '9', state: 'UNAVAILABLE', reason: 'No such version.' },
    ]);
    const client = new GrpcClient(rig.grpcPort);
    const { code, message } = await client.ask('ModelMetadata', { name: 'iris', version: '1' });
    client.close();
    expect([code, message.versions]).toEqual([0, ['1']]);
  });

  it('hold a replica back while none of them can be served', async () => {
    await rig.start({ PREDICTOR_PINNED: 'iris:9', REGISTRY_URL: registryUrl });
    await eventually(async () => {
      expect((await rig.ask('/v2/health/ready')).body).toMatchObject({
        reason: 'Promoted or pinned, but not served yet: version 9 of iris.',
      });
    });
  });

  it('are loaded once where they are promoted, too, and stay when another one is', async () => {
    await register(1);
    await rig.start({ PREDICTOR_PINNED: 'iris:1', REGISTRY_URL: registryUrl });
    await answers(1);
    const loads = async (): Promise<string | undefined> => {
      const text = await (await fetch(`${rig.url}/metrics`)).text();
      return /^baton_predictor_loads_total\{model="iris"\} (\d+)$/m.exec(text)?.[1];
    };
    expect(await loads()).toBe('1');
    await rig.promote(1);
    await rig.servesVersion(1);
    expect(await loads()).toBe('1');
    await rig.promote(2);
    await rig.servesVersion(2);
    expect(await loads()).toBe('2');
    await answers(1);
    await rig.promote(1);
    await rig.servesVersion(1);
    expect(await loads()).toBe('2');
    const runs = async (): Promise<number> => {
      const { model_stats: all } = (await rig.ask('/v2/models/iris/versions/1/stats')).body as {
        model_stats: { execution_count: number }[];
      };
      return all[0].execution_count;
    };
    const before = await runs();
    await answers(1);
    expect(await runs()).toBe(before + 1);
  });

  it('say why they do not answer, hold up nothing else, and come when the registry knows them', async () => {
    await rig.start({ PREDICTOR_PINNED: 'iris:4', REGISTRY_URL: registryUrl });
    await rig.promote(2);
    await rig.servesVersion(2);
    await eventually(async () => {
      expect(await rig.ready()).toBe(200);
    });
    expect(await infer(4)).toMatchObject({
      status: 503,
      body: { error: expect.stringContaining('pinned but not served yet. No such version.') as string },
    });
    await register(4);
    await answers(4);
  });

  it('are named when they are written in another way', async () => {
    await expect(rig.start({ PREDICTOR_PINNED: 'iris' })).rejects.toMatchObject({
      detail: expect.stringContaining('PREDICTOR_PINNED') as string,
    });
  });
});
