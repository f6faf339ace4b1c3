import { MISSING } from './binned-features.js';
import { BINS, evenly, FOUND, LEAST_HESSIAN, TASK, type BoostingMemory } from './boosting-memory.js';

/** Numbers of one feature's histogram: two for each bin. */
const NUMBERS = 2 * BINS;

/**
 * Two features' part in splitting nodes: counts gradients per bin for the smaller of two siblings, gets those of the larger by taking them
 * off their parent's, and finds the best split of each. Features have nothing to do with one another, so any thread may do any of them;
 * they go two by two because their rows and gradients are then read once for both.
 */
export class FeatureHistograms {
  private readonly columns: Uint16Array[];
  private readonly featuresKept: number;

  constructor(private readonly memory: BoostingMemory) {
    const { rowCount, featureCount } = memory.features;
    this.featuresKept = evenly(featureCount);
    this.columns = Array.from({ length: this.featuresKept / 2 }, (_, pair) =>
      memory.pairs.subarray(pair * rowCount, (pair + 1) * rowCount),
    );
  }

  /** Does what `task` asks for, for the features `2 * pair` and `2 * pair + 1`. */
  search(pair: number): void {
    const { task, features } = this.memory;
    const [small, large] = [task[TASK.slots], task[TASK.slots + 1]];
    const place = (slot: number, feature: number): number => (slot * this.featuresKept + feature) * BINS;
    this.fill(pair, place(small, 2 * pair));
    if (large >= 0) this.subtract(place(large, 2 * pair), place(small, 2 * pair));
    for (let feature = 2 * pair; feature < Math.min(2 * pair + 2, features.featureCount); feature++) {
      this.best(0, feature, place(small, feature));
      if (large >= 0) this.best(1, feature, place(large, feature));
    }
  }

  /**
   * The innermost loop of a fit. Rows are counted in the same sum as their hessians, in units that are larger than all hessians together:
   * a third sum would cost a quarter more. Numbers that came out of a Float64Array are made integers again, or every index would be a float.
   */
  private fill(pair: number, at: number): void {
    const { rows, gradients, hessians, task, constantHessian } = this.memory;
    const rowUnit = task[TASK.rowUnit];
    const start = task[TASK.start] | 0;
    const end = task[TASK.end] | 0;
    const bins = this.columns[pair];
    const sums = this.memory.sums.subarray(2 * at, 2 * at + 2 * NUMBERS);
    sums.fill(0);
    const one = rowUnit + 1;
    for (let place = start; place < end; place++) {
      const both = bins[rows[place]];
      const first = (both & 255) << 1;
      const second = NUMBERS | ((both >>> 8) << 1);
      const gradient = gradients[place];
      const hessian = constantHessian ? one : rowUnit + hessians[place];
      sums[first] += gradient;
      sums[first | 1] += hessian;
      sums[second] += gradient;
      sums[second | 1] += hessian;
    }
  }

  private subtract(from: number, what: number): void {
    const { sums } = this.memory;
    const [larger, smaller] = [from, what].map((at) => sums.subarray(2 * at, 2 * at + 2 * NUMBERS));
    for (let place = 0; place < 2 * NUMBERS; place++) larger[place] -= smaller[place];
  }

  /** Writes the best split of the smaller (0) or larger (1) node into `found`; a gain of 0: there is none. */
  private best(node: 0 | 1, feature: number, at: number): void {
    const { found, task, features, sums, binCounts } = this.memory;
    const out = (node * features.featureCount + feature) * FOUND.size;
    found[out + FOUND.gain] = 0;
    const missing = features.hasMissing[feature] === 1 && sums[2 * (at + MISSING) + 1] > task[TASK.rowUnit] / 2;
    const last = binCounts[feature] - (missing ? 0 : 1);
    this.scan(node, at, last, missing ? 0 : -1, out);
    if (missing) this.scan(node, at, last - 1, 1, out);
  }

  /** Tries the cuts behind each bin below `last`. @param missingLeft -1 where nothing is missing */
  private scan(node: 0 | 1, at: number, last: number, missingLeft: -1 | 0 | 1, out: number): void {
    const { found, task, l2, minSamplesLeaf } = this.memory;
    const rowUnit = task[TASK.rowUnit];
    const sums = this.memory.sums.subarray(2 * at, 2 * at + NUMBERS);
    const own = TASK.sums + 3 * node;
    const [gradient, hessian, count] = [task[own], task[own + 1], task[own + 2]];
    const unsplit = (gradient * gradient) / (hessian + l2);
    const perUnit = 1 / rowUnit;
    let leftGradient = missingLeft === 1 ? sums[2 * MISSING] : 0;
    let left = missingLeft === 1 ? sums[2 * MISSING + 1] : 0;
    let most = found[out + FOUND.gain];
    for (let bin = 0; bin < last; bin++) {
      const inBin = sums[(bin << 1) | 1];
      if (inBin < 0.5 * rowUnit) continue;
      left += inBin;
      leftGradient += sums[bin << 1];
      // Hessians fill less than half a unit, and rounding may leave them a little below 0.
      const leftCount = Math.floor(left * perUnit + 0.25);
      const leftHessian = left - leftCount * rowUnit;
      if (leftCount < minSamplesLeaf || leftHessian < LEAST_HESSIAN) continue;
      const rightHessian = hessian - leftHessian;
      if (count - leftCount < minSamplesLeaf || rightHessian < LEAST_HESSIAN) break;
      const rightGradient = gradient - leftGradient;
      const gain =
        (leftGradient * leftGradient) / (leftHessian + l2) +
        (rightGradient * rightGradient) / (rightHessian + l2) -
        unsplit;
      if (gain <= most) continue;
      most = gain;
      found[out + FOUND.gain] = gain;
      found[out + FOUND.bin] = bin;
      found[out + FOUND.missingLeft] = missingLeft;
      found[out + FOUND.gradient] = leftGradient;
      found[out + FOUND.hessian] = leftHessian;
      found[out + FOUND.count] = leftCount;
    }
  }
}
