import { describe, expect, it } from 'vitest';
import { CaughtUpTracker } from './caught-up.js';

const ends = (...pairs: [number, bigint][]) => new Map(pairs);
const idleRound = (tracker: CaughtUpTracker, nodeId = 1, duration = 1_003) => {
  tracker.fetchStarts({ nodeId });
  tracker.fetched({ nodeId, duration, numberOfBatches: 0 });
};

describe('caught up by position', () => {
  it('is what passed every end; an empty partition begins there', () => {
    const tracker = new CaughtUpTracker(ends([0, 5n], [1, 0n], [2, 2n]));
    tracker.reached(1, 0n);
    tracker.reached(0, 4n);
    tracker.reached(2, 9n);
    expect(tracker.isCaughtUp).toBe(false);
    tracker.reached(0, 5n);
    expect(tracker.isCaughtUp).toBe(true);
  });

  it('is also where brokers wait in full and have nothing, twice', () => {
    const tracker = new CaughtUpTracker(ends([0, 5n]));
    tracker.assignedTo([0]);
    idleRound(tracker);
    idleRound(tracker);
    expect(tracker.isCaughtUp).toBe(false);
    idleRound(tracker);
    expect(tracker.isCaughtUp).toBe(true);
  });

  it.each([
    ['a fetch that failed at once', 3],
    ['a fetch that timed out', 30_000],
  ])('is not told by %s', (_name, duration) => {
    const tracker = new CaughtUpTracker(ends([0, 5n]));
    tracker.assignedTo([0]);
    for (let round = 0; round < 5; round += 1) idleRound(tracker, 1, duration);
    expect(tracker.isCaughtUp).toBe(false);
  });

  it('is not told while records arrive, nor for partitions of other members, nor by one broker for another', () => {
    const busy = new CaughtUpTracker(ends([0, 5n]));
    busy.assignedTo([0]);
    for (let round = 0; round < 5; round += 1) {
      idleRound(busy);
      busy.batchBegan();
    }
    expect(busy.isCaughtUp).toBe(false);

    const shared = new CaughtUpTracker(ends([0, 5n], [1, 5n]));
    shared.assignedTo([0]);
    for (let round = 0; round < 5; round += 1) idleRound(shared);
    expect(shared.isCaughtUp).toBe(false);

    const two = new CaughtUpTracker(ends([0, 5n]));
    two.assignedTo([0]);
    for (let round = 0; round < 5; round += 1) {
      idleRound(two, 1);
      idleRound(two, 2, 5);
    }
    expect(two.isCaughtUp).toBe(false);
  });
});
