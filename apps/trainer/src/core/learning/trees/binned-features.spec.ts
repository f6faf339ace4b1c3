import { describe, expect, it } from 'vitest';
import { Rng } from '../rng.js';
import { binFeatures, MISSING } from './binned-features.js';

describe('binFeatures', () => {
  it('puts an edge in the middle between every two of a few values', () => {
    const { edges, bins } = binFeatures(Float32Array.of(3, 1, 2, 1), 4, 1);
    expect(edges[0]).toEqual(Float32Array.of(1.5, 2.5));
    expect([...bins]).toEqual([2, 0, 1, 0]);
  });

  it('keeps neighbouring float32 values apart', () => {
    // The middle of these two rounds to the upper one.
    const low = 1 + 2 ** -23;
    const high = 1 + 2 ** -22;
    const { edges, bins } = binFeatures(Float32Array.of(low, high), 2, 1);
    expect(edges[0][0]).toBeLessThan(high);
    expect([...bins]).toEqual([0, 1]);
  });

  it('cuts many values into 255 bins of about one size, each within its edges', () => {
    const rng = new Rng(11, 0);
    const rows = Float32Array.from({ length: 10_000 }, () => rng.next() / 2 ** 31 - 1);
    const { bins, edges } = binFeatures(rows, 10_000, 1);
    expect(edges[0].length).toBe(254);
    const counts = new Int32Array(255);
    for (const bin of bins) counts[bin]++;
    const within = bins.every((bin, row) => {
      const [above, upTo] = [bin > 0 ? edges[0][bin - 1] : -Infinity, bin < 254 ? edges[0][bin] : Infinity];
      return rows[row] > above && rows[row] <= upTo;
    });
    expect(within).toBe(true);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(39);
    expect(Math.max(...counts)).toBeLessThanOrEqual(40);
  });

  it('puts every value where a search in the edges would, whatever its sign and size', () => {
    const rng = new Rng(5, 0);
    const odd = [0, -0, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38, NaN];
    const rows = Float32Array.from({ length: 3_000 }, (_, row) =>
      row % 7 === 0 ? odd[(row / 7) % odd.length] : (rng.next() / 2 ** 31 - 1) * 10 ** ((row % 60) - 30),
    );
    const { bins, edges } = binFeatures(rows, 3_000, 1);
    const searched = Array.from(rows, (value) => {
      if (Number.isNaN(value)) return MISSING;
      const first = edges[0].findIndex((edge) => value <= edge);
      return first < 0 ? edges[0].length : first;
    });
    expect([...bins]).toEqual(searched);
  });

  it('puts what is missing into a bin of its own and learns the edges from the rest', () => {
    const { edges, bins, hasMissing } = binFeatures(Float32Array.of(3, 7, NaN, 7, 1, 7), 3, 2);
    expect(edges.map((cuts) => [...cuts])).toEqual([[2], []]);
    expect([...bins]).toEqual([1, MISSING, 0, 0, 0, 0]);
    expect([...hasMissing]).toEqual([1, 0]);
  });
});
