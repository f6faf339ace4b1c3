/** Value at `x`; writes the gradient. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  maxIterations: number;
  /** Done when no part of the gradient is greater. */
  tolerance: number;
  onIteration?: (iteration: number, value: number) => void;
}

export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
  /** False when the iterations ran out, or no step went further down. */
  converged: boolean;
}

interface Point {
  x: Float64Array;
  value: number;
  gradient: Float64Array;
}

/** One remembered step: how far, and how the gradient changed. */
interface Correction {
  step: Float64Array;
  change: Float64Array;
  /** 1 / (step · change) */
  weight: number;
}

const MEMORY = 10;
/** As SciPy's `ftol` under scikit-learn: an iteration that gains less has nothing left to gain. */
const LEAST_GAIN = 64 * Number.EPSILON;

/** Minimises a smooth function by limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5). */
export const minimise = (objective: Objective, start: Float64Array, options: LbfgsOptions): Minimum => {
  let point = evaluate(objective, start);
  let memory: Correction[] = [];
  let iterations = 0;
  for (; iterations < options.maxIterations; iterations++) {
    if (largest(point.gradient) <= options.tolerance) return { ...point, iterations, converged: true };
    let direction = descend(point.gradient, memory);
    if (!(dot(direction, point.gradient) < 0)) {
      memory = [];
      direction = point.gradient.map((slope) => -slope);
    }
    const first = memory.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(point.gradient, point.gradient)));
    const next = searchLine(objective, point, direction, first);
    if (next === undefined) return { ...point, iterations, converged: false };
    memory = remember(memory, point, next);
    const gain = (point.value - next.value) / Math.max(Math.abs(point.value), Math.abs(next.value), 1);
    point = next;
    options.onIteration?.(iterations + 1, point.value);
    if (gain <= LEAST_GAIN) return { ...point, iterations: iterations + 1, converged: true };
  }
  return { ...point, iterations, converged: largest(point.gradient) <= options.tolerance };
};

const evaluate = (objective: Objective, x: Float64Array): Point => {
  const gradient = new Float64Array(x.length);
  return { x, value: objective(x, gradient), gradient };
};

/** The two loops over the memory: minus the gradient times an estimate of the inverse Hessian. */
const descend = (gradient: Float64Array, memory: readonly Correction[]): Float64Array => {
  const direction = gradient.map((slope) => -slope);
  const shares = new Float64Array(memory.length);
  for (let age = memory.length - 1; age >= 0; age--) {
    const { step, change, weight } = memory[age];
    shares[age] = weight * dot(step, direction);
    addTimes(direction, -shares[age], change);
  }
  if (memory.length > 0) {
    const { change, weight } = memory[memory.length - 1];
    const scale = 1 / (weight * dot(change, change));
    for (let index = 0; index < direction.length; index++) direction[index] *= scale;
  }
  memory.forEach(({ step, change, weight }, age) => {
    addTimes(direction, shares[age] - weight * dot(change, direction), step);
  });
  return direction;
};

/**
 * Looks for a step that satisfies the weak Wolfe conditions, by doubling and halving (Lewis and Overton 2013).
 * @returns undefined when no step goes down
 */
const searchLine = (objective: Objective, from: Point, direction: Float64Array, first: number): Point | undefined => {
  const slope = dot(direction, from.gradient);
  let length = first;
  let tooShort = 0;
  let tooLong = Infinity;
  let lowest: Point | undefined;
  for (let trial = 0; trial < 40; trial++) {
    const reached = length;
    const point = evaluate(
      objective,
      from.x.map((value, index) => value + reached * direction[index]),
    );
    if (point.value < (lowest ?? from).value) lowest = point;
    if (!(point.value <= from.value + 1e-4 * length * slope)) tooLong = length;
    else if (dot(direction, point.gradient) < 0.9 * slope) tooShort = length;
    else return point;
    length = tooLong < Infinity ? (tooShort + tooLong) / 2 : 2 * tooShort;
  }
  return lowest;
};

const remember = (memory: Correction[], before: Point, after: Point): Correction[] => {
  const step = after.x.map((value, index) => value - before.x[index]);
  const change = after.gradient.map((value, index) => value - before.gradient[index]);
  const curvature = dot(step, change);
  // Relative, as steps near the minimum are small without being useless.
  return curvature > Number.EPSILON * dot(change, change)
    ? [...memory, { step, change, weight: 1 / curvature }].slice(-MEMORY)
    : memory;
};

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
};

const addTimes = (to: Float64Array, factor: number, what: Float64Array): void => {
  for (let index = 0; index < to.length; index++) to[index] += factor * what[index];
};

const largest = (values: Float64Array): number => {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
};
