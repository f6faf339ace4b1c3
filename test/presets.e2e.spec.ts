import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRequestView } from '#contracts';
import { eventually } from '#testing';
import { baton } from './baton.js';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';
import { ended } from './training-events.js';

type Told = TrainingRequestView & { promotion: { outcome: string } | null };

describe.skipIf(stacks[0].missing)('presets and schedules from the command line', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await Platform.start('embedded');
  }, 900_000);
  afterAll(() => platform.close());

  const run = async (...args: string[]) => {
    const { PATH = '' } = platform.environment;
    const { code, out, notes } = await baton(args, { PATH, BATON_REGISTRY: platform.registryUrl });
    expect([code, notes]).toEqual([0, expect.anything()]);
    return { out, notes };
  };
  const train = async (...args: string[]): Promise<Told> => {
    const { out } = await run('--json', 'train', platform.model, '--wait', ...args);
    return JSON.parse(out) as Told;
  };

  it(
    'the same words train what is current, and a schedule trains only what changed',
    { timeout: 300_000 },
    async () => {
      platform.explainFailure();
      const { model } = platform;
      await run('preset', 'set', model, 'v1', '--recipe', 'random-forest', '--n-estimators', '3');
      await run('preset', 'set', model, 'v2', '--recipe', 'logistic-regression', '--C', '0.5');
      const first = await train();
      expect(first).toMatchObject({ state: 'succeeded', preset: 'v1', recipe: 'random-forest', version: 1 });
      expect(first.promotion).toMatchObject({ outcome: 'promoted' });
      expect(first.metrics.accuracy).toBeGreaterThan(0.8);

      expect((await run('preset', 'use', model, 'v2')).out).toContain('current');
      expect(await train()).toMatchObject({ preset: 'v2', recipe: 'logistic-regression', version: 2 });
      expect((await run('preset', 'list', model)).out).toMatch(/\* +v2 +logistic-regression +{"C":0.5}/);

      const { out, notes } = await run('train', model, '--preset', 'v1', '--n-estimators', '200', '--wait');
      expect(out).toMatch(/: succeeded\n/);
      expect(out).toMatch(/^accuracy 0\.\d+/m);
      expect(out).toMatch(/^promoted version 3: /m);
      expect(notes).toMatch(/^running/m);

      const every = ['--cron', '* * * * * *', '--preset', 'v1', '--only-if-changed'];
      await run('schedule', 'set', model, 'often', ...every);
      const requests = await eventually(
        async () => {
          const done = (await ended(platform, model, 4)).filter(({ state }) => state !== 'succeeded');
          expect(done.length).toBeGreaterThan(0);
          return done;
        },
        120_000,
        500,
      );
      await run('schedule', 'pause', model, 'often');
      // The last training of the model had 200 trees: the first of the schedule is a change, those after it are none.
      expect(requests.map(({ state, error }) => [state, error?.code])).toContainEqual(['skipped', 'TRAINING_SKIPPED']);
      expect((await run('schedule', 'list', model)).out).toContain('paused');
      await run('schedule', 'remove', model, 'often');
    },
  );
});
