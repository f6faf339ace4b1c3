import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventBus } from '#messaging';
import { eventually, uniqueName } from '#testing';
import { Platform } from './platform.js';
import { stacks, type StackName } from './stacks.js';
import { completionsOf, ended, requestsOf, runsOf, sendEvent, versionsOf } from './training-events.js';

/** Every named point at which the trainer can be made to kill itself, in the order of its work. */
const crashPoints = [
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
];

/** On Kafka a killed member leaves its group when its session ends, up to half a minute later: one point stands for all. */
const pointsOn: Record<StackName, string[]> = {
  embedded: crashPoints,
  real: ['before-version-recorded'],
};

describe.each(stacks)('redelivery on the $stack stack', ({ stack, missing }) => {
  describe.skipIf(missing)('with its services', () => {
    let platform: Platform;
    let bus: EventBus;

    beforeAll(async () => {
      platform = await Platform.start(stack);
      bus = await platform.eventBus();
    }, 900_000);
    afterAll(() => platform.close());
    beforeEach(() => {
      platform.explainFailure();
    });

    const request = (model: string) => ({
      model,
      recipe: 'logistic-regression',
      parameters: { max_iter: 50 },
      promote: 'never',
    });

    /** One run, one version, one outcome: what a request leaves behind however often it was worked on. */
    const expectOnce = async (model: string, id: string): Promise<void> => {
      const [listed, ...others] = await ended(platform, model, 1, 120_000);
      expect(others).toEqual([]);
      expect(listed).toMatchObject({ id, state: 'succeeded', version: 1 });
      expect((await runsOf(platform, model)).map(({ info }) => info.status)).toEqual(['FINISHED']);
      expect(await versionsOf(platform, model)).toHaveLength(1);
      const outcomes = await eventually(async () => {
        const said = await completionsOf(bus, model);
        expect(said.length).toBeGreaterThan(0);
        return said;
      });
      expect(
        new Set(outcomes.map(({ requestId, outcome, version }) => `${requestId} ${outcome} ${String(version)}`)),
      ).toEqual(new Set([`${id} succeeded 1`]));
    };

    it(
      'the same source and id, sent three times, is one request with one run and one version',
      { timeout: 180_000 },
      async () => {
        const model = uniqueName('Same');
        const event = { source: '/test', id: uniqueName('event'), data: request(model) };
        const id = await sendEvent(bus, event);
        await sendEvent(bus, event);
        await expectOnce(model, id);
        // Long after it is over as well.
        await sendEvent(bus, event);
        const last = uniqueName('Last');
        await sendEvent(bus, { source: '/test', id: uniqueName('event'), data: request(last) });
        await ended(platform, last, 1);
        expect(await requestsOf(platform, model)).toHaveLength(1);
        await expectOnce(model, id);
      },
    );

    it.each(pointsOn[stack])('the trainer killed at %s: one run, one version', { timeout: 240_000 }, async (point) => {
      const model = uniqueName('Crash');
      await platform.stop('trainer');
      await platform.start('trainer', { CRASH_AT: point });
      const id = await sendEvent(bus, { source: '/test', id: uniqueName('event'), data: request(model) });
      const { signal } = await platform.died('trainer');
      expect(signal).toBe('SIGKILL');
      await platform.start('trainer');
      await expectOnce(model, id);
    });

    it('the trainer killed from outside while it trains: one run, one version', { timeout: 240_000 }, async () => {
      const model = uniqueName('Killed');
      const id = await sendEvent(bus, {
        source: '/test',
        id: uniqueName('event'),
        data: { ...request(model), recipe: 'random-forest', parameters: { n_estimators: 1000 } } as { model: string },
      });
      await eventually(async () => {
        expect(await requestsOf(platform, model)).toMatchObject([{ state: 'running' }]);
      }, 60_000);
      await platform.kill('trainer');
      await platform.start('trainer');
      await expectOnce(model, id);
    });
  });
});
