import { describe, expect, it } from 'vitest';
import { furthest, mislabelled } from './exported.js';
import { comparePairs } from './training-quality.js';

describe('what the training figures compute', () => {
  it('the mean of paired differences and its standard error', () => {
    const { mean, standardError } = comparePairs([0.9, 0.8, 1], [0.8, 0.8, 0.9]);
    expect(mean).toBeCloseTo(0.2 / 3, 12);
    expect(standardError).toBeCloseTo(Math.sqrt(0.01 / 3 / 3), 12);
    expect(() => comparePairs([1], [1])).toThrow('Each fold needs its neighbour');
  });

  it('the greatest distance by the size of the value', () => {
    expect(furthest(Float64Array.of(0.5, 1000), Float32Array.of(0.5, 1001))).toBeCloseTo(1e-3, 9);
    expect(furthest(Float64Array.of(0.5), Float32Array.of(0.5, 1))).toBe(Infinity);
    expect(furthest(Float64Array.of(0.5), Float32Array.of(NaN))).toBe(Infinity);
  });

  it('labels that differ where nothing is tied', () => {
    const scores = Float64Array.of(0.3, 0.7, 0.500005, 0.499995, 0.9, 0.1);
    expect(mislabelled(scores, Float64Array.of(1, 1, 0), 2)).toBe(0);
    expect(mislabelled(scores, Float64Array.of(0, 0, 2), 2)).toBe(2);
  });
});
