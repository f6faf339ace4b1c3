import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { InMemoryEventBus } from '#messaging/memory';
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

describe('after a restart', () => {
  const down = (isDown: boolean): void => {
    rig.bus.setDown(isDown);
    rig.store.away = isDown;
  };
  const servedOnce = async (version: number): Promise<void> => {
    await rig.start();
    await rig.promote(version);
    await rig.servesVersion(version);
    await eventually(async () => {
      expect(await readdir(join(rig.folder, 'models'))).toHaveLength(1);
    });
    await rig.stop();
  };

  it('serves the last-good copy with everything down, and follows when the bus returns', async () => {
    await servedOnce(1);
    const meanwhile = await rig.promotionOf(2);
    down(true);
    await rig.start();
    await eventually(async () => {
      expect(await rig.ready()).toBe(200);
    });
    expect(await rig.ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    down(false);
    await rig.say(meanwhile);
    await rig.servesVersion(2);
    expect(await rig.ready()).toBe(200);
  });

  it('hears of a retirement that happened meanwhile', async () => {
    await servedOnce(1);
    await rig.retire();
    down(true);
    await rig.start();
    await eventually(async () => {
      expect(await rig.ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    });
    down(false);
    await eventually(async () => {
      expect((await rig.ask('/models/iris/predict', rows)).body).toMatchObject({ code: 'MODEL_RETIRED' });
    });
  });

  it('retires a copy of which the bus knows nothing any more, because compaction removed even the tombstone', async () => {
    await servedOnce(1);
    rig.bus = new InMemoryEventBus();
    down(true);
    await rig.start();
    await eventually(async () => {
      expect(await rig.ask('/predict', rows)).toMatchObject({ status: 200, version: '1' });
    });
    down(false);
    await eventually(async () => {
      expect((await rig.ask('/models/iris/predict', rows)).body).toMatchObject({ code: 'MODEL_RETIRED' });
    });
    await eventually(async () => {
      expect(await readdir(join(rig.folder, 'models'))).toEqual([]);
    });
  });

  it('serves the copy when what was promoted meanwhile can not be served', async () => {
    await servedOnce(1);
    const broken = await rig.promote(2);
    await rig.store.put(broken.artifact.key, modelFile(3));
    await rig.start();
    await eventually(async () => {
      expect((await rig.ask('/model-info')).body).toMatchObject({ version: '1', status: 'failed' });
    });
    expect(await rig.ready()).toBe(200);
  });

  const marked = (promotion: ModelPromoted): Promise<void> =>
    writeFile(
      join(rig.folder, 'loading', promotion.artifact.sha256),
      JSON.stringify({
        promotions: { [promotion.model]: promotion.generation },
        crashes: 0,
        alone: false,
        foundAtMs: 0,
        loading: true,
      }),
    );

  it('does not load again what ended the process before; it serves the copy and says why', async () => {
    await servedOnce(1);
    const deadly = await rig.promote(2);
    await marked(deadly);
    await rig.start();
    await eventually(async () => {
      expect((await rig.ask('/model-info')).body).toMatchObject({
        version: '1',
        status: 'failed',
        failure: { step: 'load', reason: expect.stringContaining('ended once while it loaded') as string },
      });
    });
    expect(await rig.ready()).toBe(200);
    expect((await rig.deployed()).at(-1)).toMatchObject({ state: 'failed', active: { version: 1 } });
    await rig.promote(2);
    await rig.servesVersion(2);
  });

  it('comes up with all models that were being loaded when the process was killed, and clears them of suspicion', async () => {
    const names = ['iris', 'wine', 'digits'];
    await mkdir(join(rig.folder, 'loading'));
    for (const [at, model] of names.entries()) await marked(await rig.promote(at + 1, { model }));
    await rig.start();
    for (const model of names)
      await eventually(async () => {
        expect((await rig.ask(`/models/${model}/predict`, rows)).status).toBe(200);
      });
    expect(await readdir(join(rig.folder, 'loading'))).toEqual([]);
  });

  it('loads a copy that has served, although the process ended while it was loaded', async () => {
    await servedOnce(1);
    await marked({ ...(await rig.promotionOf(1)), generation: 1 });
    await rig.start();
    await rig.servesVersion(1);
  });

  it('fetches again what is damaged on the disk', async () => {
    await servedOnce(1);
    const [blob] = await readdir(join(rig.folder, 'blobs'));
    await writeFile(join(rig.folder, 'blobs', blob), 'rust');
    await rig.start();
    await rig.servesVersion(1);
    expect((await rig.ask('/predict', rows)).status).toBe(200);
  });

  it('reads the whole history first and loads its end only', async () => {
    for (const version of [1, 2, 3, 2]) await rig.promote(version);
    await rig.start();
    await rig.servesVersion(2);
    const metrics = await (await fetch(`${rig.url}/metrics`)).text();
    expect(metrics).toContain('baton_predictor_swap_seconds_count{model="iris"} 1');
    // What was promoted before it listened says nothing about how fast it is.
    expect(metrics).not.toContain('baton_promotion_to_serving_seconds_count{model="iris"}');
  });

  it('keeps a copy that is newer than all that lies on the bus', async () => {
    const older = await rig.promotionOf(1);
    await servedOnce(2);
    rig.bus = new InMemoryEventBus();
    await rig.say(older);
    await rig.start();
    await rig.servesVersion(2);
    await eventually(async () => {
      expect(await rig.ready()).toBe(200);
    });
    expect(await rig.ask('/predict', rows)).toMatchObject({ status: 200, version: '2' });
  });

  it('serves only the models it is told to, and clears the copies of others', async () => {
    await servedOnce(1);
    await rig.promote(5, { model: 'wine' });
    await rig.start({ PREDICTOR_MODELS: 'wine' });
    await rig.servesVersion(5);
    expect((await rig.ask('/models')).body).toMatchObject({ models: [{ name: 'wine', version: '5' }] });
    await eventually(async () => {
      expect(await readdir(join(rig.folder, 'models'))).toHaveLength(1);
    });
  });
});
