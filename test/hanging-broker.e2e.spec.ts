import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { runEnvironment, startNatively, type NativeRun } from '#testing/native';
import { modelFile } from '../apps/predictor/src/predictor-rig.behaviour.js';
import { LonePredictor } from './lone-predictor.js';
import { PredictionLoad } from './prediction-load.js';

describe.skipIf(services().postgres === undefined)('a broker that hangs', () => {
  /** Of this test alone: no other one can do with a broker that stands still. */
  let kafka: NativeRun;
  beforeAll(async () => {
    kafka = await startNatively({ cacheDir: runEnvironment().cacheDir, names: ['kafka'] });
  }, 300_000);
  afterAll(() => kafka.stop());

  it(
    'does not keep a predictor from answering, nor from ending with 0 and every request answered',
    { timeout: 180_000 },
    async ({ skip }) => {
      const [broker] = kafka.running;
      if (kafka.running.length === 0) skip(kafka.missing[0].reason);
      const predictor = await LonePredictor.prepare({ environment: broker.environment });
      const { platform } = predictor;
      platform.explainFailure();
      await platform.start('predictor');
      await predictor.promote(1, modelFile(1));
      await predictor.servesVersion(1);
      const load = new PredictionLoad(predictor);
      await load.learn(1);
      load.start({ http: 16, grpc: 4 });
      const busy = () =>
        eventually(() => {
          expect(load.answered.http).toBeGreaterThan(200);
          expect(load.answered.grpc).toBeGreaterThan(50);
        }, 30_000);
      await busy();
      const pid = await processWith(join(kafka.dataDir, 'kafka'));
      process.kill(pid, 'SIGSTOP');
      try {
        load.answered = { http: 0, grpc: 0 };
        await busy();
        const balancer = load.stopWhenNotReady();
        const exit = await platform.stop('predictor');
        await balancer;
        expect(exit).toEqual({ code: 0, signal: null });
        expect([load.failures, load.wrong]).toEqual([[], []]);
      } finally {
        process.kill(pid, 'SIGCONT');
        await load.stop();
        await platform.close();
      }
    },
  );
});

/** The process in whose command line this stands. */
const processWith = async (text: string): Promise<number> => {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(text)) return Number(name);
  }
  throw new Error(`No process has ${text} in its command line.`);
};
