import { describe, expect, it } from 'vitest';
import { Rng } from './rng.js';

const draw = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.next());

describe('Rng', () => {
  it('repeats itself for a seed and a stream, for ever', () => {
    expect(draw(new Rng(42, 1), 3)).toEqual([86401118, 1910636508, 1768245650]);
    expect(draw(new Rng(42, 1), 3)).not.toEqual(draw(new Rng(42, 2), 3));
  });

  it('begins differently for neighbouring seeds and streams', () => {
    const first = new Set<number>();
    for (let seed = 0; seed < 100; seed++)
      for (let stream = 0; stream < 100; stream++) first.add(new Rng(seed, stream).next());
    expect(first.size).toBeGreaterThan(9_990);
  });

  it('draws evenly', () => {
    const counts = new Int32Array(10);
    const rng = new Rng(7, 0);
    for (let index = 0; index < 100_000; index++) counts[rng.below(10)]++;
    // Standard deviation 95.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600);
  });

  it('shuffles every order about as often', () => {
    const orders = new Map<string, number>();
    const rng = new Rng(1, 1);
    for (let index = 0; index < 6_000; index++) {
      const values = Int32Array.of(1, 2, 3);
      rng.shuffle(values);
      orders.set(values.join(), (orders.get(values.join()) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});
