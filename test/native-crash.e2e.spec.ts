import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { modelFile } from '../apps/predictor/src/predictor-rig.behaviour.js';
import { deadlyModel } from './deadly-model.js';
import { LonePredictor } from './lone-predictor.js';
import { PredictionLoad } from './prediction-load.js';

/** Several times what a thread's stack holds. */
const DEPTH = 400_000;

describe.skipIf(services().postgres === undefined)('a model that crashes onnxruntime', () => {
  let predictor: LonePredictor;
  beforeEach(async () => {
    predictor = await LonePredictor.prepare();
    predictor.platform.explainFailure();
  });
  afterEach(() => predictor.platform.close());

  it(
    'ends the process once; the next one refuses these bytes, says so, and serves what served before',
    { timeout: 180_000 },
    async () => {
      const { platform } = predictor;
      await platform.start('predictor');
      await predictor.promote(1, modelFile(1));
      await predictor.servesVersion(1);
      const load = new PredictionLoad(predictor);
      await load.learn(1);

      const died = platform.died('predictor');
      const deadly = await predictor.promote(2, deadlyModel(DEPTH));
      const exit = await died;
      // Of itself it would end with a code.
      expect(exit.signal).toMatch(/^SIG(SEGV|BUS|ABRT|ILL|TRAP)$/);

      await platform.start('predictor');
      await eventually(async () => {
        expect((await (await fetch(`${predictor.url}/model-info`)).json()) as object).toMatchObject({
          version: '1',
          status: 'failed',
          failure: {
            step: 'load',
            reason: expect.stringContaining('ended once while it loaded these bytes') as string,
          },
        });
      }, 60_000);
      expect(await predictor.ready()).toBe(200);
      await eventually(async () => {
        expect(await predictor.saidLast()).toMatchObject({
          state: 'failed',
          step: 'load',
          active: { version: 1 },
          target: { version: 2, generation: deadly.generation },
        });
      });
      load.start({ http: 4, grpc: 2 });
      await eventually(() => {
        expect(load.answered.http).toBeGreaterThan(50);
      });

      await predictor.promote(3, modelFile(3));
      await predictor.servesVersion(3);
      await load.stop();
      expect(platform.isRunning('predictor')).toBe(true);
      expect(load.failures).toEqual([]);
    },
  );
});
