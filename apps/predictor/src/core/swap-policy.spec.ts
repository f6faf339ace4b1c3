import { describe, expect, it } from 'vitest';
import { nextAction, retryDelayMs, type SwapSnapshot, type VersionId } from './swap-policy.js';

const of = (generation: number, version = generation): VersionId => ({
  generation,
  version,
  sha256: String(version).repeat(64).slice(0, 64),
});
const want = (generation: number, version = generation) => ({ generation, serve: of(generation, version) });
const retired = (generation: number) => ({ generation, serve: null });
const serving = (generation: number, version = generation) => ({ ...of(generation, version), lost: false });
const lost = (generation: number) => ({ ...of(generation), lost: true });
const loading = (generation: number, more = {}) => ({
  ...of(generation),
  phase: 'loading' as const,
  lastGood: false,
  abandoned: false,
  ...more,
});
const loaded = (generation: number, more = {}) => ({ ...loading(generation), phase: 'loaded' as const, ...more });
const failed = (generation: number, attempts: number, atMs: number) => ({ generation, attempts, atMs });

const nothing: SwapSnapshot = {
  target: undefined,
  active: undefined,
  lastGood: undefined,
  candidate: undefined,
  failure: undefined,
  nowMs: 100_000,
  backoffMs: 2_000,
  place: 0,
};

const table: [string, Partial<SwapSnapshot>, ReturnType<typeof nextAction>][] = [
  ['nothing was promoted', {}, { do: 'nothing' }],
  ['first promotion', { target: want(1) }, { do: 'load' }],
  ['first promotion, loading', { target: want(1), candidate: loading(1) }, { do: 'nothing' }],
  ['first promotion, loaded', { target: want(1), candidate: loaded(1) }, { do: 'swap' }],
  ['it serves', { target: want(1), active: serving(1) }, { do: 'nothing' }],
  ['a newer one is promoted', { target: want(2), active: serving(1) }, { do: 'load' }],

  [
    'promote then at once another: the first load is not waited for',
    { target: want(3), active: serving(1), candidate: loading(2) },
    { do: 'abandon' },
  ],
  [
    'the abandoned load still runs: never a third copy beside it',
    { target: want(3), active: serving(1), candidate: loading(2, { abandoned: true }) },
    { do: 'nothing' },
  ],
  [
    'late load thrown away',
    { target: want(3), active: serving(1), candidate: loaded(2, { abandoned: true }) },
    { do: 'discard' },
  ],
  [
    'late load thrown away when nothing serves, too',
    { target: want(3), candidate: loaded(2, { abandoned: true }) },
    { do: 'discard' },
  ],
  ['after it was thrown away, the newest is loaded', { target: want(3), active: serving(1) }, { do: 'load' }],

  [
    'promote an older version: a new generation, no smaller one',
    { target: want(3, 1), active: serving(2, 2) },
    { do: 'load' },
  ],
  [
    'flap A-B-A while B loads: B is abandoned',
    { target: want(3, 1), active: serving(1, 1), candidate: loading(2) },
    { do: 'abandon' },
  ],
  [
    'flap A-B-A: B is thrown away',
    { target: want(3, 1), active: serving(1, 1), candidate: loaded(2, { abandoned: true }) },
    { do: 'discard' },
  ],
  [
    'flap A-B-A: A serves already and is not loaded again',
    { target: want(3, 1), active: serving(1, 1) },
    { do: 'adopt' },
  ],
  [
    'promoted twice while it loads: the load goes on',
    { target: want(3, 2), active: serving(1), candidate: loading(2) },
    { do: 'nothing' },
  ],
  [
    'promoted twice while it loads: it is swapped in, and then adopted',
    { target: want(3, 2), active: serving(1), candidate: loaded(2) },
    { do: 'swap' },
  ],
  [
    'promoted, another one, promoted again: the abandoned load is thrown away',
    { target: want(4, 2), active: serving(1), candidate: loaded(2, { abandoned: true }) },
    { do: 'discard' },
  ],
  ['promoted twice: nothing is loaded', { target: want(2, 1), active: serving(1, 1) }, { do: 'adopt' }],
  [
    'promoted twice, but the worker died: loaded again',
    { target: want(2, 1), active: { ...serving(1, 1), lost: true } },
    { do: 'load' },
  ],
  [
    'same version number with other bytes (model deleted and made again): loaded',
    { target: { generation: 2, serve: { ...of(2, 1), sha256: 'f'.repeat(64) } }, active: serving(1, 1) },
    { do: 'load' },
  ],

  [
    'load failed (digest wrong): the old stays, retry later',
    { target: want(2), active: serving(1), failure: failed(2, 1, 99_500) },
    { do: 'wait', ms: 1_500 },
  ],
  [
    'load failed: tried again when due',
    { target: want(2), active: serving(1), failure: failed(2, 1, 98_000) },
    { do: 'load' },
  ],
  [
    'load fails for ever: the wait is capped',
    { target: want(2), active: serving(1), failure: failed(2, 900, 100_000) },
    { do: 'wait', ms: 60_000 },
  ],
  ['first load failed: retry later', { target: want(1), failure: failed(1, 2, 100_000) }, { do: 'wait', ms: 4_000 }],
  [
    'load failed, then succeeded',
    { target: want(2), active: serving(1), candidate: loaded(2), failure: failed(2, 1, 98_000) },
    { do: 'swap' },
  ],
  [
    'newer promotion cancels the retry of an older one',
    { target: want(3), active: serving(1), failure: failed(2, 5, 100_000) },
    { do: 'load' },
  ],
  [
    'rolled back while the failed one waited: nothing is loaded',
    { target: want(3, 1), active: serving(1, 1), failure: failed(2, 5, 100_000) },
    { do: 'adopt' },
  ],

  ['tombstone', { target: retired(2), active: serving(1) }, { do: 'unload' }],
  ['tombstone, unloaded', { target: retired(2) }, { do: 'nothing' }],
  ['tombstone during a load', { target: retired(3), active: serving(1), candidate: loading(2) }, { do: 'abandon' }],
  [
    'tombstone during a load that ends well',
    { target: retired(3), active: serving(1), candidate: loaded(2, { abandoned: true }) },
    { do: 'discard' },
  ],
  ['promoted again after it was retired', { target: want(3) }, { do: 'load' }],
  ['tombstone while the retry waits', { target: retired(3), failure: failed(2, 1, 100_000) }, { do: 'nothing' }],

  ['restart: the copy is the wanted one', { target: want(2), lastGood: of(2) }, { do: 'load' }],
  [
    'restart: a newer one is wanted, the copy comes first',
    { target: want(3), lastGood: of(2) },
    { do: 'load-last-good' },
  ],
  [
    'restart: the copy is loaded although a newer one is wanted',
    { target: want(3), candidate: loading(2, { lastGood: true }) },
    { do: 'nothing' },
  ],
  [
    'restart: the copy serves until the newer one does',
    { target: want(3), candidate: loaded(2, { lastGood: true }) },
    { do: 'swap' },
  ],
  ['restart: after the copy the newer one', { target: want(3), active: serving(2) }, { do: 'load' }],
  [
    'restart: the copy was retired meanwhile',
    { target: retired(3), candidate: loaded(2, { lastGood: true }) },
    { do: 'discard' },
  ],
  ['restart: retired before the copy was tried', { target: retired(3), lastGood: of(2) }, { do: 'nothing' }],

  ['worker lost: loaded again', { target: want(1), active: lost(1) }, { do: 'load' }],
  ['worker lost and loaded again', { target: want(1), active: lost(1), candidate: loaded(1) }, { do: 'swap' }],
  [
    'worker lost while a newer one fails: what served is loaded again first',
    { target: want(2), active: lost(1), lastGood: of(1), failure: failed(2, 9, 100_000) },
    { do: 'load-last-good' },
  ],
  [
    'worker lost while a newer one fails: what served is loading',
    { target: want(2), active: lost(1), candidate: loading(1, { lastGood: true }) },
    { do: 'nothing' },
  ],
  [
    'worker lost while a newer one fails: what served serves again',
    { target: want(2), active: lost(1), candidate: loaded(1, { lastGood: true }), failure: failed(2, 9, 100_000) },
    { do: 'swap' },
  ],
  [
    'worker lost while a newer one loads: that is not given up',
    { target: want(2), active: lost(1), lastGood: of(1), candidate: loading(2) },
    { do: 'nothing' },
  ],
  ['worker lost, then retired', { target: retired(2), active: lost(1) }, { do: 'unload' }],
];

describe('nextAction', () => {
  it.each(table)('%s', (_, given, expected) => {
    expect(nextAction({ ...nothing, ...given })).toEqual(expected);
  });
});

it('doubles the wait up to a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempts) => retryDelayMs(attempts, 2_000, 0))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
  ]);
});

it('spreads the retries of a fleet that failed together over a quarter of the wait', () => {
  expect([0, 0.5, 0.999].map((place) => retryDelayMs(3, 2_000, place))).toEqual([8_000, 9_000, 9_998]);
  expect(nextAction({ ...nothing, target: want(1), failure: failed(1, 1, 100_000), place: 0.5 })).toEqual({
    do: 'wait',
    ms: 2_250,
  });
});
