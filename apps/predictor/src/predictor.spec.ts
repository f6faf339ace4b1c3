import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactStore, blobKey } from '#artifacts';
import { InMemoryArtifactStore } from '#artifacts/memory';
import { modelDeployed, type ModelDeployed, type ModelPromoted } from '#contracts';
import { EventBus } from '#messaging';
import { InMemoryEventBus } from '#messaging/memory';
import { readModel, signatureOf, writeModel } from '#onnx';
import { readSettings, SilentLogger } from '#runtime';
import { eventually } from '#testing';
import { startPredictor } from './start-predictor.js';

/** A two-class model whose probabilities differ with `weight` on every input but zero. */
const modelFile = (weight: number): Uint8Array =>
  writeModel({
    name: 'two classes',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
    initializers: [{ name: 'weights', shape: [2, 2], data: Float32Array.of(weight, 0, 0, weight) }],
    nodes: [
      { op: 'MatMul', inputs: ['features', 'weights'], outputs: ['scores'] },
      { op: 'Softmax', inputs: ['scores'], outputs: ['probabilities'], attributes: { axis: { int: 1 } } },
      {
        op: 'ArgMax',
        inputs: ['scores'],
        outputs: ['label'],
        attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
      },
    ],
  });

@Module({})
class Given {}
const giving = (token: abstract new (...args: never[]) => object, value: object): DynamicModule => ({
  module: Given,
  global: true,
  providers: [{ provide: token, useValue: value }],
  exports: [token],
});

let bus: InMemoryEventBus;
let store: InMemoryArtifactStore;
let folder: string;
let app: NestFastifyApplication | undefined;
let url: string;
let generation: number;

beforeEach(async () => {
  bus = new InMemoryEventBus();
  store = new InMemoryArtifactStore();
  folder = await mkdtemp(join(tmpdir(), 'baton-predictor-'));
  generation = 0;
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  await rm(folder, { recursive: true, force: true });
});

const start = async (more: Record<string, string> = {}): Promise<void> => {
  const settings = readSettings({
    HOST: '127.0.0.1',
    PREDICTOR_PORT: '0',
    PREDICTOR_ID: 'p1',
    PREDICTOR_CACHE_DIR: folder,
    PREDICTOR_RETRY_BACKOFF_MS: '50',
    PREDICTOR_MAX_BODY_BYTES: '100000',
    ...more,
  });
  app = await startPredictor({
    settings,
    logger: new SilentLogger(),
    bus: giving(EventBus, bus),
    artifacts: giving(ArtifactStore, store),
  });
  url = await app.getUrl();
};

const promotionOf = async (version: number, more: Partial<ModelPromoted> = {}): Promise<ModelPromoted> => {
  const bytes = modelFile(version);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.put(blobKey(sha256), bytes);
  const columns = ['petal length (cm)', 'petal width (cm)'].map((name) => ({ name, type: 'double', required: true }));
  generation += 1;
  return {
    model: 'iris',
    version,
    generation,
    runId: `run-${String(version)}`,
    stage: 'Production',
    modelUri: `models:/iris/${String(version)}`,
    artifact: { key: blobKey(sha256), sha256, sizeBytes: bytes.length },
    signature: { ...signatureOf(readModel(bytes)), columns },
    previousVersion: null,
    cause: 'request',
    promotedBy: 'test',
    reason: 'because',
    promotedAt: new Date().toISOString(),
    firstPromotedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  };
};

const say = (promotion: ModelPromoted): Promise<void> =>
  bus.publish('model.promoted', promotion.model, {
    id: `${promotion.model}-${String(promotion.generation)}`,
    source: '/registry',
    type: 'model.promoted',
    subject: promotion.model,
    time: promotion.promotedAt,
    data: promotion,
  });

const promote = async (version: number, more: Partial<ModelPromoted> = {}): Promise<ModelPromoted> => {
  const promotion = await promotionOf(version, more);
  await say(promotion);
  return promotion;
};

const retire = (model = 'iris'): Promise<void> => {
  generation += 1;
  return bus.publish('model.promoted', model, {
    id: `retired-${String(generation)}`,
    source: '/registry',
    type: 'model.promoted',
    subject: model,
    time: new Date().toISOString(),
    generation,
    data: null,
  });
};

interface Answer {
  status: number;
  version: string | null;
  body: Record<string, unknown>;
}
const ask = async (path: string, body?: unknown): Promise<Answer> => {
  const init =
    body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await fetch(`${url}${path}`, init);
  return {
    status: answer.status,
    version: answer.headers.get('x-model-version'),
    body: (await answer.json()) as Record<string, unknown>,
  };
};
const rows = [
  { petal_length: 1, petal_width: 2 },
  { petal_width: 0.25, petal_length: 3 },
];
const servesVersion = (version: number) =>
  eventually(async () => {
    expect((await ask('/model-info')).body).toMatchObject({ version: String(version), status: 'serving' });
  });
const ready = async (): Promise<number> => (await fetch(`${url}/v2/health/ready`)).status;
const deployed = async (): Promise<ModelDeployed[]> => {
  const said: ModelDeployed[] = [];
  for await (const { value } of bus.readAll('model.deployed'))
    said.push(modelDeployed.parse(JSON.parse(new TextDecoder().decode(value ?? undefined))));
  return said;
};

describe('a predictor', () => {
  it('is live and not ready while nothing is promoted, and says so', async () => {
    await start();
    await eventually(async () => {
      expect((await ask('/predict', rows)).body).toMatchObject({
        code: 'NO_MODEL_PROMOTED',
        detail: 'No model has been promoted yet; promote a version and ask again.',
      });
    });
    expect(await ask('/predict', rows)).toMatchObject({ status: 503 });
    expect(await ask('/v2/models/iris/infer', {})).toMatchObject({
      status: 503,
      body: { error: expect.any(String) as string },
    });
    expect(await ask('/v2/health/live')).toMatchObject({ status: 200, body: { live: true } });
    expect(await ask('/health')).toMatchObject({ status: 200 });
    expect(await ready()).toBe(503);
  });

  it('serves what is promoted and swaps to what is promoted next', async () => {
    await start();
    await promote(1);
    await servesVersion(1);
    expect(await ready()).toBe(200);
    const first = await ask('/predict?proba=true', rows);
    expect(first).toMatchObject({
      status: 200,
      version: '1',
      body: { predictions: [1, 0], model_name: 'iris', model_version: '1' },
    });
    await promote(2);
    await servesVersion(2);
    const second = await ask('/models/iris/predict?proba=true', rows);
    expect(second).toMatchObject({ status: 200, version: '2', body: { predictions: [1, 0] } });
    expect(second.body.probabilities).not.toEqual(first.body.probabilities);
    expect((await ask('/models/wine/predict', rows)).body).toMatchObject({ code: 'MODEL_NOT_FOUND', status: 404 });
    expect((await ask('/models/iris/info')).body).toMatchObject({
      model_name: 'iris',
      stage: 'Production',
      run_id: 'run-2',
      model_uri: 'models:/iris/2',
      generation: 2,
      predictor_id: 'p1',
    });
  });

  it('loses no request in swaps, and every answer is bit for bit that of the version it names', async () => {
    await start();
    const promotions = await Promise.all([1, 2, 3].map((version) => promotionOf(version)));
    const expected = new Map<string, unknown>();
    for (const promotion of promotions) {
      await say(promotion);
      await servesVersion(promotion.version);
      expected.set(String(promotion.version), (await ask('/predict?proba=true', rows)).body.probabilities);
    }
    expect(new Set([...expected.values()].map((value) => JSON.stringify(value))).size).toBe(3);
    let going = true;
    const seen = new Set<string | null>();
    const client = async (): Promise<number> => {
      let answers = 0;
      while (going) {
        const { status, version, body } = await ask('/predict?proba=true', rows);
        expect(status).toBe(200);
        expect(body.model_version).toBe(version);
        expect(body.probabilities).toEqual(expected.get(version ?? ''));
        seen.add(version);
        answers += 1;
      }
      return answers;
    };
    const clients = Array.from({ length: 8 }, client);
    for (let swap = 0; swap < 12; swap += 1) {
      const { version } = await promote((swap % 3) + 1);
      await servesVersion(version);
    }
    going = false;
    expect((await Promise.all(clients)).every((answers) => answers > 0)).toBe(true);
    expect(seen).toEqual(new Set(['1', '2', '3']));
  });

  it('keeps the old version when the bytes are not those that were registered, and says why', async () => {
    await start();
    await promote(1);
    await servesVersion(1);
    const broken = await promotionOf(2);
    await store.put(broken.artifact.key, modelFile(3));
    await say(broken);
    await eventually(async () => {
      expect((await deployed()).at(-1)).toMatchObject({
        state: 'failed',
        step: 'verify',
        reason: expect.stringContaining('DIGEST_MISMATCH') as string,
        active: { version: 1 },
        target: { version: 2, generation: 2 },
      });
    });
    expect(await ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    expect(await ready()).toBe(200);
    expect((await ask('/model-info')).body).toMatchObject({
      version: '1',
      status: 'failed',
      failure: { step: 'verify' },
    });
    await store.put(broken.artifact.key, modelFile(2));
    await servesVersion(2);
    await eventually(async () => {
      expect((await deployed()).at(-1)).toMatchObject({ state: 'serving', active: { version: 2, generation: 2 } });
    });
  });

  it('keeps the old version when the new one can not be loaded or does not answer as it promised', async () => {
    await start();
    await promote(1);
    await servesVersion(1);
    const bytes = new TextEncoder().encode('no model at all');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await store.put(blobKey(sha256), bytes);
    await promote(2, { artifact: { key: blobKey(sha256), sha256, sizeBytes: bytes.length } });
    const failedAt = (step: string) =>
      eventually(async () => {
        expect((await ask('/model-info')).body).toMatchObject({ version: '1', status: 'failed', failure: { step } });
      });
    await failedAt('load');
    const { signature } = await promotionOf(3);
    await promote(3, {
      signature: { ...signature, outputs: [{ name: 'label', datatype: 'INT32', shape: [-1] }] },
    });
    await failedAt('load');
    await promote(3, {
      signature: { ...signature, outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [5, 2] }] },
    });
    await failedAt('warm-up');
    expect(await ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
  });

  it('is not ready while a first load fails, and becomes ready when a retry succeeds', async () => {
    await start();
    store.away = true;
    const promotion = await promotionOf(1).catch(() => undefined);
    expect(promotion).toBeUndefined();
    store.away = false;
    const real = await promotionOf(1);
    store.away = true;
    await say(real);
    await eventually(async () => {
      expect((await ask('/predict', rows)).body).toMatchObject({ code: 'MODEL_NOT_READY', status: 503 });
      expect((await deployed()).at(-1)).toMatchObject({ state: 'failed', step: 'fetch', active: null });
    });
    expect(await ready()).toBe(503);
    store.away = false;
    await servesVersion(1);
    expect(await ready()).toBe(200);
  });

  it('drops what is not newer', async () => {
    await start();
    const old = await promote(1);
    await promote(2);
    await servesVersion(2);
    await say(old);
    await promote(3, { model: 'wine' });
    await eventually(async () => {
      expect((await ask('/models/wine/info')).status).toBe(200);
    });
    await servesVersion(2);
  });

  it('retires a model: it is unloaded and then not found', async () => {
    await start();
    await promote(1);
    await servesVersion(1);
    await retire();
    await eventually(async () => {
      expect((await ask('/models/iris/predict', rows)).body).toMatchObject({ code: 'MODEL_RETIRED', status: 404 });
    });
    expect(await ready()).toBe(503);
    await eventually(async () => {
      expect((await deployed()).at(-1)).toMatchObject({ state: 'unloaded', active: null, target: null });
      expect(await readdir(join(folder, 'blobs'))).toEqual([]);
    });
    await promote(1);
    await servesVersion(1);
  });

  it('means by default the model promoted first, or the one it is told', async () => {
    await start();
    await promote(1, { model: 'younger', firstPromotedAt: '2026-02-02T00:00:00.000Z' });
    await promote(2, { model: 'older', firstPromotedAt: '2026-02-01T00:00:00.000Z' });
    await eventually(async () => {
      expect((await ask('/model-info')).body).toMatchObject({ model_name: 'older' });
    });
    await app?.close();
    await start({ PREDICTOR_DEFAULT_MODEL: 'younger' });
    await eventually(async () => {
      expect((await ask('/model-info')).body).toMatchObject({ model_name: 'younger' });
    });
    expect((await ask('/models')).body).toMatchObject({ models: [{ name: 'older' }, { name: 'younger' }] });
  });
});

describe('after a restart', () => {
  const down = (isDown: boolean): void => {
    bus.setDown(isDown);
    store.away = isDown;
  };
  const servedOnce = async (version: number): Promise<void> => {
    await start();
    await promote(version);
    await servesVersion(version);
    await eventually(async () => {
      expect(await readdir(join(folder, 'models'))).toHaveLength(1);
    });
    await app?.close();
  };

  it('serves the last-good copy with everything down, and follows when the bus returns', async () => {
    await servedOnce(1);
    const meanwhile = await promotionOf(2);
    down(true);
    await start();
    await eventually(async () => {
      expect(await ready()).toBe(200);
    });
    expect(await ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    down(false);
    await say(meanwhile);
    await servesVersion(2);
    expect(await ready()).toBe(200);
  });

  it('hears of a retirement that happened meanwhile', async () => {
    await servedOnce(1);
    await retire();
    down(true);
    await start();
    await eventually(async () => {
      expect(await ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    });
    down(false);
    await eventually(async () => {
      expect((await ask('/models/iris/predict', rows)).body).toMatchObject({ code: 'MODEL_RETIRED' });
    });
  });

  it('retires a copy of which the bus knows nothing any more, because compaction removed even the tombstone', async () => {
    await servedOnce(1);
    bus = new InMemoryEventBus();
    down(true);
    await start();
    await eventually(async () => {
      expect(await ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    });
    down(false);
    await eventually(async () => {
      expect((await ask('/models/iris/predict', rows)).body).toMatchObject({ code: 'MODEL_RETIRED' });
    });
    expect(await readdir(join(folder, 'models'))).toEqual([]);
  });

  it('serves the copy when what was promoted meanwhile can not be served', async () => {
    await servedOnce(1);
    const broken = await promote(2);
    await store.put(broken.artifact.key, modelFile(3));
    await start();
    await eventually(async () => {
      expect((await ask('/model-info')).body).toMatchObject({ version: '1', status: 'failed' });
    });
    expect(await ready()).toBe(200);
  });

  it('fetches again what is damaged on the disk', async () => {
    await servedOnce(1);
    const [blob] = await readdir(join(folder, 'blobs'));
    await writeFile(join(folder, 'blobs', blob), 'rust');
    await start();
    await servesVersion(1);
    expect((await ask('/predict', rows)).status).toBe(200);
  });
});
