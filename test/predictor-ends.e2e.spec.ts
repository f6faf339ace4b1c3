import { rename } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { modelFile } from '../apps/predictor/src/predictor-rig.behaviour.js';
import { LonePredictor } from './lone-predictor.js';
import { PredictionLoad } from './prediction-load.js';

describe.skipIf(services().postgres === undefined)('the end of a predictor', () => {
  let predictor: LonePredictor;
  let load: PredictionLoad;
  const begin = async (): Promise<void> => {
    predictor = await LonePredictor.prepare();
    predictor.platform.explainFailure();
    await predictor.platform.start('predictor');
    await predictor.promote(1, modelFile(1));
    await predictor.servesVersion(1);
    load = new PredictionLoad(predictor);
    await load.learn(1);
  };
  const busy = () =>
    eventually(() => {
      expect(load.answered.http).toBeGreaterThan(200);
      expect(load.answered.grpc).toBeGreaterThan(50);
    }, 30_000);
  afterEach(async () => {
    await load.stop();
    await predictor.platform.close();
  });

  it(
    'killed under load it answers from its last-good copy when it is back, and never wrong',
    { timeout: 120_000 },
    async () => {
      await begin();
      load.start({ http: 16, grpc: 4 });
      await busy();
      await predictor.platform.kill('predictor');
      // Nobody can be asked for the bytes again.
      const { ARTIFACTS_DIR } = predictor.platform.environment;
      await rename(ARTIFACTS_DIR, `${ARTIFACTS_DIR}-away`);
      load.answered = { http: 0, grpc: 0 };
      await predictor.platform.start('predictor');
      await busy();
      await rename(`${ARTIFACTS_DIR}-away`, ARTIFACTS_DIR);
      expect(load.failures).not.toEqual([]);
      expect(load.wrong).toEqual([]);
      await load.stop();
    },
  );

  it(
    'told to end under load it loses no request, over HTTP and gRPC, and ends with 0',
    { timeout: 120_000 },
    async () => {
      await begin();
      load.start({ http: 32, grpc: 8 });
      await busy();
      const balancer = load.stopWhenNotReady();
      const exit = await predictor.platform.stop('predictor');
      await balancer;
      expect(exit).toEqual({ code: 0, signal: null });
      expect([load.failures, load.wrong]).toEqual([[], []]);
    },
  );

  it(
    'those who go on asking it while it ends get whole answers or none, and it ends with 0',
    { timeout: 120_000 },
    async () => {
      await begin();
      load.start({ http: 16, grpc: 4 });
      await busy();
      expect(await predictor.platform.stop('predictor')).toEqual({ code: 0, signal: null });
      await load.stop();
      expect(load.wrong).toEqual([]);
      // A status of 5xx is an answer: whoever was taken is answered, the others find nobody.
      const refused = load.failures.filter(
        (text) => !/^http: TypeError: fetch failed|^grpc: Error: (?:14|1) /.test(text),
      );
      expect(refused).toEqual([]);
    },
  );
});
