import { describe, expect, it } from 'vitest';
import { isSmall, lines, mostLanes } from './placement.js';

describe('where a model lives', () => {
  it.each([
    ['a small file that answers quickly', lines.smallBytes, 1, true],
    ['a larger file', lines.smallBytes + 1, 1, false],
    ['a small file that computes for long', 1_000, lines.batchMs + 1, false],
  ])('%s', (_, sizeBytes, batchMs, small) => {
    expect(isSmall({ sizeBytes, batchMs })).toBe(small);
  });

  it.each([
    ['of a small model: one per worker', 1_000, 8, 8],
    ['of an empty file: one per worker', 0, 4, 4],
    ['of a large one: as many as fit', 60 * 1024 * 1024, 8, 4],
    ['of a very large one: one', 900 * 1024 * 1024, 8, 1],
  ])('lanes %s', (_, sizeBytes, workers, lanes) => {
    expect(mostLanes(sizeBytes, workers)).toBe(lanes);
  });
});
