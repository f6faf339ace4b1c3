import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services, uniqueName } from '#testing';
import { forest, TrainerWorld } from './trainer-world.behaviour.js';

/** Of a classifier; each is there once, whatever was logged again. */
const METRICS = ['accuracy', 'balanced_accuracy', 'f1_macro', 'f1_weighted', 'log_loss', 'roc_auc'];

describe.skipIf(services().postgres === undefined)('one run and one version per request', () => {
  let world: TrainerWorld;
  beforeAll(async () => {
    world = await TrainerWorld.open();
  });
  afterAll(() => world.close());
  afterEach(() => world.stopTrainers());
  const request = () => ({ model: uniqueName('M'), ...forest });

  it('holds for an event that comes twice, before and after its end', async () => {
    await world.start();
    const id = uniqueName('twice');
    const requestId = await world.ask(request(), id);
    await world.ask(request(), id);
    await world.completed(requestId);
    await world.ask(request(), id);
    // Requests have one key, so the repeated one was heard before this.
    await world.completed(await world.ask(request()));
    expect(world.runsOf(requestId)).toHaveLength(1);
    expect(world.versionsOf(requestId)).toHaveLength(1);
    expect(world.completions(requestId)).toHaveLength(1);
  });

  it.each([
    'after-job-stored',
    'after-run-created',
    'after-training',
    'before-model-recorded',
    'after-model-uploaded',
    'before-version-recorded',
    'after-version-registered',
    'before-completion',
    'after-completion',
    'outbox-relay:published',
  ])('holds for a trainer that is killed at %s', async (point) => {
    const { process: doomed } = await world.start({ CRASH_AT: point });
    const requestId = await world.ask(request());
    const [, signal] = (await once(doomed, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    await world.start();
    expect(await world.completed(requestId)).toMatchObject({ outcome: 'succeeded', version: 1 });
    const [run, ...more] = world.runsOf(requestId);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ status: 'FINISHED' });
    expect([...run.metrics].map((written) => written.split('/')[0]).sort()).toEqual(METRICS);
    expect(world.versionsOf(requestId)).toHaveLength(1);
    // Told once, or twice under one id.
    expect(new Set(world.completions(requestId).map(({ id }) => id)).size).toBe(1);
  });

  it('holds for a trainer that stood still until its lease was over, and then goes on', async () => {
    const { process: zombie } = await world.start();
    const requestId = await world.ask({ ...request(), parameters: { n_estimators: 3_000 } });
    await world.begun(requestId);
    zombie.kill('SIGSTOP');
    await world.start();
    await eventually(() => {
      expect(world.runsOf(requestId)).toMatchObject([{ status: 'FINISHED' }]);
      expect(world.versionsOf(requestId)).toHaveLength(1);
    }, 45_000);
    zombie.kill('SIGCONT');
    expect(await world.completed(requestId)).toMatchObject({ outcome: 'succeeded', version: 1 });
    await world.completed(await world.ask(request()));
    expect(world.runsOf(requestId)).toMatchObject([{ status: 'FINISHED' }]);
    expect(world.versionsOf(requestId)).toHaveLength(1);
    expect(world.completions(requestId)).toHaveLength(1);
  });
});
