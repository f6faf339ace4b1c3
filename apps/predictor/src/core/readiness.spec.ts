import { describe, expect, it } from 'vitest';
import { notReadyBecause, type ReadinessSnapshot } from './readiness.js';

const good: ReadinessSnapshot = {
  stopping: false,
  caughtUp: true,
  busAnswers: true,
  waitedMs: 0,
  models: [{ name: 'iris', serving: true, settled: true, later: false }],
};
const failedUpdate = { name: 'iris', serving: true, settled: true, later: false };
const firstLoad = { name: 'wine', serving: false, settled: false, later: false };
const failedFirst = { name: 'wine', serving: false, settled: true, later: false };
const failedNewcomer = { ...failedFirst, later: true };
const afterRestart = { name: 'iris', serving: true, settled: false, later: false };

describe('notReadyBecause', () => {
  it.each<[string, Partial<ReadinessSnapshot>, string | undefined]>([
    ['all is served', {}, undefined],
    ['shutting down', { stopping: true }, 'shutting down'],
    ['nothing promoted', { models: [] }, 'No model is promoted.'],
    ['a first load runs', { models: [...good.models, firstLoad] }, 'not served yet: wine'],
    ['a first load failed', { models: [...good.models, failedFirst] }, 'not served yet: wine'],
    ['a model promoted later failed, others serve', { models: [...good.models, failedNewcomer] }, undefined],
    ['a model promoted later failed, and there is no other', { models: [failedNewcomer] }, 'not served yet: wine'],
    ['an update failed', { models: [failedUpdate] }, undefined],
    ['still reading', { caughtUp: false }, 'still being read'],
    ['the bus is away, last-good copies serve', { caughtUp: false, busAnswers: false }, undefined],
    [
      'the bus is away, a copy is still being loaded',
      { caughtUp: false, busAnswers: false, models: [firstLoad] },
      'wine',
    ],
    ['the bus is away, no copy', { caughtUp: false, busAnswers: false, models: [] }, 'there is no last-good copy'],
    ['the bus answers but can not be read', { caughtUp: false, waitedMs: 30_000 }, undefined],
    ['the bus went away later', { busAnswers: false }, undefined],
    ['the copy serves, but something newer was promoted meanwhile', { models: [afterRestart] }, 'newer version'],
  ])('%s', (_, given, expected) => {
    const answer = notReadyBecause({ ...good, ...given });
    if (expected === undefined) expect(answer).toBeUndefined();
    else expect(answer).toContain(expected);
  });
});
