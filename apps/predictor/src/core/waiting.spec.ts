import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { PlatformError } from '#runtime';
import { Batcher } from './batcher.js';
import { ServedVersion } from './serving-slot.js';
import { Hosted, turn, x, type SlowLane } from './slow-lane.behaviour.js';

let hosted: Hosted;
let lane: SlowLane;
let model: Batcher;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  hosted = new Hosted();
  [lane] = hosted.lanes;
  model = new Batcher(hosted, {
    name: 'iris',
    provenRows: 4,
    limits: { maxBatch: 4, maxQueue: 20, timeoutMs: 10_000 },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it('those who hang up while the lanes are busy are gone, not late, and give their places back soon', async () => {
  const [running, waiting] = [{ destroyed: false }, { destroyed: false }];
  const answers = [model.run(x(1, 2), undefined, running)];
  await turn();
  answers.push(model.run(x(3, 4), undefined, waiting), model.run(x(5, 6), ['sum']));
  const left = Promise.allSettled(answers.slice(0, 2));
  waiting.destroyed = running.destroyed = true;
  vi.advanceTimersByTime(500);
  expect(await left).toMatchObject([{ reason: { code: 'CLIENT_GONE' } }, { reason: { code: 'CLIENT_GONE' } }]);
  expect(model.pending).toBe(1);
  lane.calls[0].end();
  await turn();
  expect(lane.calls[1].inputs).toEqual(x(5, 6));
  lane.calls[1].end();
  expect((await answers[2])[0].data[0]).toBe(11);
});

it('who hung up just before the time was out is gone, too', async () => {
  const asker = { destroyed: false };
  const answer = model.run(x(1, 2), undefined, asker);
  const settled = Promise.allSettled([answer]);
  await turn();
  for (let ms = 0; ms < 9_900; ms += 100) vi.advanceTimersByTime(100);
  asker.destroyed = true;
  vi.advanceTimersByTime(1_000);
  expect(await settled).toMatchObject([{ reason: { code: 'CLIENT_GONE' } }]);
});

it('a run is wanted as long as one of its requests waits and has somebody who asks', async () => {
  const askers = [{ destroyed: false }, { destroyed: false }];
  const settled = Promise.allSettled(askers.map((asker) => model.run(x(1, 2), undefined, asker)));
  await turn();
  const [{ demand }] = lane.calls;
  expect(demand?.isWanted).toBe(true);
  askers[0].destroyed = true;
  expect(demand?.isWanted).toBe(true);
  vi.advanceTimersByTime(11_000);
  expect(demand?.isWanted).toBe(false);
  expect((await settled).map((one) => (one as { reason?: { code: string } }).reason?.code)).toEqual([
    'CLIENT_GONE',
    'ANSWER_TIMED_OUT',
  ]);
});

it.each([
  ['hung up', true, 'CLIENT_GONE'],
  ['ran out of time', false, 'ANSWER_TIMED_OUT'],
])('closing does not wait for the run of those who %s', async (_, destroyed, code) => {
  const asker = { destroyed: false };
  const settled = Promise.allSettled([model.run(x(1, 2), undefined, asker)]);
  await turn();
  const closed = model.close();
  asker.destroyed = destroyed;
  await turn();
  expect(hosted.close).not.toHaveBeenCalled();
  vi.advanceTimersByTime(11_000);
  expect(await settled).toMatchObject([{ reason: { code } }]);
  await closed;
  expect(hosted.close).toHaveBeenCalledOnce();
  expect(lane.calls).toHaveLength(1);
});

it('a bad request in a batch is not run again for those who hung up', async () => {
  const asker = { destroyed: false };
  const answers = Promise.allSettled([model.run(x(1, 2), undefined, asker), model.run(x(3, 4))]);
  await turn();
  asker.destroyed = true;
  lane.calls[0].end(new PlatformError('INPUT_INVALID', 'no'));
  await turn();
  expect(lane.calls.map(({ inputs }) => inputs[0].shape[0])).toEqual([2, 1]);
  lane.calls[1].end();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

it('a version that drains asks for no further lane', async () => {
  const served = new ServedVersion({} as ModelPromoted, model);
  const flood = Promise.all(Array.from({ length: 16 }, () => served.use(() => model.run(x(1, 2)))));
  await turn();
  const retired = served.retire(0);
  vi.advanceTimersByTime(1_500);
  const more = model.run(x(1, 2));
  await turn();
  expect(hosted.widen).not.toHaveBeenCalled();
  for (; model.pending > 0; await turn()) lane.calls.at(-1)?.end();
  await Promise.all([flood, more, retired]);
});
