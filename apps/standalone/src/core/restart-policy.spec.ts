import { expect, it } from 'vitest';
import { afterDeath } from './restart-policy.js';

it('restarts after a wait that doubles with each quick death', () => {
  expect([0, 1, 2, 3].map((before) => afterDeath(10, before))).toEqual([
    { do: 'restart', waitMs: 500, quickDeaths: 1 },
    { do: 'restart', waitMs: 1_000, quickDeaths: 2 },
    { do: 'restart', waitMs: 2_000, quickDeaths: 3 },
    { do: 'restart', waitMs: 4_000, quickDeaths: 4 },
  ]);
});

it('gives up at the fifth quick death in a row', () => {
  expect(afterDeath(10, 4)).toEqual({ do: 'give-up', quickDeaths: 5 });
});

it('forgets earlier deaths of an app that lived', () => {
  expect(afterDeath(60_000, 4)).toEqual({ do: 'restart', waitMs: 500, quickDeaths: 1 });
});
