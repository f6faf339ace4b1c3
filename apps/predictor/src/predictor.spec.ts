import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#testing';
import { modelFile, PredictorRig } from './predictor-rig.behaviour.js';

const rows = [
  { petal_length: 1, petal_width: 2 },
  { petal_width: 0.25, petal_length: 3 },
];
let rig: PredictorRig;
beforeEach(async () => {
  rig = await PredictorRig.make();
});
afterEach(() => rig.end());

describe('a predictor', () => {
  it('is live and not ready while nothing is promoted, and says so', async () => {
    await rig.start();
    await eventually(async () => {
      expect((await rig.ask('/predict', rows)).body).toMatchObject({
        code: 'NO_MODEL_PROMOTED',
        detail: 'No model has been promoted yet; promote a version and ask again.',
      });
    });
    expect(await rig.ask('/predict', rows)).toMatchObject({ status: 503 });
    expect(await rig.ask('/v2/models/iris/infer', {})).toMatchObject({
      status: 503,
      body: { error: expect.any(String) as string },
    });
    expect(await rig.ask('/v2/health/live')).toMatchObject({ status: 200, body: { live: true } });
    expect(await rig.ask('/health')).toMatchObject({ status: 200 });
    expect(await rig.ready()).toBe(503);
  });

  it('serves what is promoted and swaps to what is promoted next', async () => {
    await rig.start();
    await rig.promote(1);
    await rig.servesVersion(1);
    expect(await rig.ready()).toBe(200);
    const first = await rig.ask('/predict?proba=true', rows);
    expect(first).toMatchObject({
      status: 200,
      version: '1',
      body: { predictions: [1, 0], model_name: 'iris', model_version: '1' },
    });
    await rig.promote(2);
    await rig.servesVersion(2);
    const second = await rig.ask('/models/iris/predict?proba=true', rows);
    expect(second).toMatchObject({ status: 200, version: '2', body: { predictions: [1, 0] } });
    expect(second.body.probabilities).not.toEqual(first.body.probabilities);
    expect((await rig.ask('/models/wine/predict', rows)).body).toMatchObject({ code: 'MODEL_NOT_FOUND', status: 404 });
    expect((await rig.ask('/models/iris/info')).body).toMatchObject({
      model_name: 'iris',
      stage: 'Production',
      run_id: 'run-2',
      model_uri: 'models:/iris/2',
      generation: 2,
      predictor_id: 'p1',
    });
  });

  it('loses no request in swaps, and every answer is bit for bit that of the version it names', async () => {
    await rig.start();
    const promotions = await Promise.all([1, 2, 3].map((version) => rig.promotionOf(version)));
    const expected = new Map<string, unknown>();
    for (const promotion of promotions) {
      await rig.say(promotion);
      await rig.servesVersion(promotion.version);
      expected.set(String(promotion.version), (await rig.ask('/predict?proba=true', rows)).body.probabilities);
    }
    expect(new Set([...expected.values()].map((value) => JSON.stringify(value))).size).toBe(3);
    let going = true;
    const seen = new Set<string | null>();
    const client = async (): Promise<number> => {
      let answers = 0;
      while (going) {
        const { status, version, body } = await rig.ask('/predict?proba=true', rows);
        expect(status).toBe(200);
        expect(body.model_version).toBe(version);
        expect(body.probabilities).toEqual(expected.get(version ?? ''));
        seen.add(version);
        answers += 1;
      }
      return answers;
    };
    const clients = Array.from({ length: 4 }, client);
    for (let swap = 0; swap < 6; swap += 1) {
      const { version } = await rig.promote((swap % 3) + 1);
      await rig.servesVersion(version);
    }
    going = false;
    expect((await Promise.all(clients)).every((answers) => answers > 0)).toBe(true);
    expect(seen).toEqual(new Set(['1', '2', '3']));
  });

  it('keeps the old version when the bytes are not those that were registered, and says why', async () => {
    await rig.start();
    await rig.promote(1);
    await rig.servesVersion(1);
    const broken = await rig.promotionOf(2);
    await rig.store.put(broken.artifact.key, modelFile(3));
    await rig.say(broken);
    await eventually(async () => {
      expect((await rig.deployed()).at(-1)).toMatchObject({
        state: 'failed',
        step: 'verify',
        reason: expect.stringContaining('DIGEST_MISMATCH') as string,
        active: { version: 1 },
        target: { version: 2, generation: 2 },
      });
    });
    expect(await rig.ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    expect(await rig.ready()).toBe(200);
    expect((await rig.ask('/model-info')).body).toMatchObject({
      version: '1',
      status: 'failed',
      failure: { step: 'verify' },
    });
    await rig.store.put(broken.artifact.key, modelFile(2));
    await rig.servesVersion(2);
    await eventually(async () => {
      expect((await rig.deployed()).at(-1)).toMatchObject({ state: 'serving', active: { version: 2, generation: 2 } });
    });
  });

  it('keeps the old version when the new one can not be loaded or does not answer as it promised', async () => {
    await rig.start();
    await rig.promote(1);
    await rig.servesVersion(1);
    const artifact = await rig.stored(new TextEncoder().encode('no model at all'));
    await rig.promote(2, { artifact });
    const failedAt = (step: string) =>
      eventually(async () => {
        expect((await rig.ask('/model-info')).body).toMatchObject({
          version: '1',
          status: 'failed',
          failure: { step },
        });
      });
    await failedAt('load');
    const { signature } = await rig.promotionOf(3);
    await rig.promote(3, {
      signature: { ...signature, outputs: [{ name: 'label', datatype: 'INT32', shape: [-1] }] },
    });
    await failedAt('load');
    await rig.promote(3, {
      signature: { ...signature, outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [5, 2] }] },
    });
    await failedAt('warm-up');
    expect(await rig.ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
  });

  it('is not ready while a first load fails, and becomes ready when a retry succeeds', async () => {
    await rig.start();
    rig.store.away = true;
    const promotion = await rig.promotionOf(1).catch(() => undefined);
    expect(promotion).toBeUndefined();
    rig.store.away = false;
    const real = await rig.promotionOf(1);
    rig.store.away = true;
    await rig.say(real);
    await eventually(async () => {
      expect((await rig.ask('/predict', rows)).body).toMatchObject({ code: 'MODEL_NOT_READY', status: 503 });
      expect((await rig.deployed()).at(-1)).toMatchObject({ state: 'failed', step: 'fetch', active: null });
    });
    expect(await rig.ready()).toBe(503);
    rig.store.away = false;
    await rig.servesVersion(1);
    expect(await rig.ready()).toBe(200);
  });

  it('drops what is not newer', async () => {
    await rig.start();
    const old = await rig.promote(1);
    await rig.promote(2);
    await rig.servesVersion(2);
    await rig.say(old);
    await rig.promote(3, { model: 'wine' });
    await eventually(async () => {
      expect((await rig.ask('/models/wine/info')).status).toBe(200);
    });
    await rig.servesVersion(2);
  });

  it('retires a model: it is unloaded and then not found', async () => {
    await rig.start();
    await rig.promote(1);
    await rig.servesVersion(1);
    await rig.retire();
    await eventually(async () => {
      expect((await rig.ask('/models/iris/predict', rows)).body).toMatchObject({ code: 'MODEL_RETIRED', status: 404 });
    });
    expect(await rig.ready()).toBe(503);
    await eventually(async () => {
      expect((await rig.deployed()).at(-1)).toMatchObject({ state: 'unloaded', active: null, target: null });
      expect(await readdir(join(rig.folder, 'blobs'))).toEqual([]);
    });
    await rig.promote(1);
    await rig.servesVersion(1);
  });

  it('means by default the model promoted first, or the one it is told', async () => {
    await rig.start();
    await rig.promote(1, { model: 'younger', firstPromotedAt: '2026-02-02T00:00:00.000Z' });
    await rig.promote(2, { model: 'older', firstPromotedAt: '2026-02-01T00:00:00.000Z' });
    await eventually(async () => {
      expect((await rig.ask('/model-info')).body).toMatchObject({ model_name: 'older' });
    });
    await rig.stop();
    await rig.start({ PREDICTOR_DEFAULT_MODEL: 'younger' });
    await eventually(async () => {
      expect((await rig.ask('/model-info')).body).toMatchObject({ model_name: 'younger' });
    });
    expect((await rig.ask('/models')).body).toMatchObject({ models: [{ name: 'older' }, { name: 'younger' }] });
  });
});
