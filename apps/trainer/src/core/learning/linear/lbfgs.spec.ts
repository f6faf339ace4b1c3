import { describe, expect, it } from 'vitest';
import { minimise, type Objective } from './lbfgs.js';

const rosenbrock: Objective = ([a, b], gradient) => {
  gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
  gradient[1] = 200 * (b - a * a);
  return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
};

describe('minimise', () => {
  it('finds the floor of a curved valley', () => {
    const { x, converged, iterations } = minimise(rosenbrock, Float64Array.of(-1.2, 1), {
      maxIterations: 200,
      tolerance: 1e-8,
    });
    expect(converged).toBe(true);
    expect(iterations).toBeLessThan(60);
    expect(x[0]).toBeCloseTo(1, 6);
    expect(x[1]).toBeCloseTo(1, 6);
  });

  it('solves an ill-conditioned quadratic in more dimensions than it remembers', () => {
    const scales = Float64Array.from({ length: 30 }, (_, index) => 10 ** (index / 6));
    const quadratic: Objective = (x, gradient) =>
      x.reduce((sum, value, index) => {
        gradient[index] = scales[index] * (value - index);
        return sum + 0.5 * scales[index] * (value - index) ** 2;
      }, 0);
    const { x, converged } = minimise(quadratic, new Float64Array(30), { maxIterations: 2000, tolerance: 1e-7 });
    expect(converged).toBe(true);
    x.forEach((value, index) => {
      expect(value).toBeCloseTo(index, 5);
    });
  });

  it('stops after the iterations it was given, tells each, and only ever goes down', () => {
    const told: number[] = [];
    const values: number[] = [];
    for (let maxIterations = 0; maxIterations <= 8; maxIterations++) {
      const { value, iterations, converged } = minimise(rosenbrock, Float64Array.of(-1.2, 1), {
        maxIterations,
        tolerance: 1e-8,
        onIteration: (iteration) => maxIterations === 8 && told.push(iteration),
      });
      expect({ iterations, converged }).toEqual({ iterations: maxIterations, converged: false });
      values.push(value);
    }
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    values.slice(1).forEach((value, index) => {
      expect(value).toBeLessThan(values[index]);
    });
  });
});
