import { expect, it } from 'vitest';
import { placeInFleet, staggerMs } from './stagger.js';

const MB = 1024 * 1024;

it('spreads a fleet evenly, and differently for each thing', () => {
  const places = Array.from({ length: 1_000 }, (_, replica) => placeInFleet(`p-${String(replica)}`, 'file'));
  for (const quarter of [0, 0.25, 0.5, 0.75])
    expect(places.filter((place) => place >= quarter && place < quarter + 0.25).length).toBeGreaterThan(200);
  expect(placeInFleet('p-1', 'file')).toBe(places[1]);
  expect(placeInFleet('p-1', 'other')).not.toBe(places[1]);
});

it.each([
  ['a small file', 15 * MB, 0.9, false, 0],
  ['a large one', 250 * MB, 0.5, false, 2_621],
  ['the first in line', 250 * MB, 0, false, 0],
  ['a large one that nothing answers for yet', 250 * MB, 0.9, true, 0],
  ['one of 2 GB, at most half a minute', 2_000 * MB, 0.999, false, 29_970],
])('%s', (_, sizeBytes, place, urgent, ms) => {
  expect(staggerMs(sizeBytes, place, urgent)).toBe(ms);
});
