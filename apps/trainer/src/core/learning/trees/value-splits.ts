import type { BinnedFeatures } from './binned-features.js';
import { SplitSearch, type TreeRows } from './split-search.js';

export interface ValueTarget {
  kind: 'values';
  criterion: 'squared_error' | 'absolute_error' | 'poisson';
  targets: Float64Array;
  /** Taken off what the leaves say. */
  base: number;
}

/** Splits by values: the score of a split is Σ² / weight of both sides, which grows as the squared error falls. */
export class ValueSplits extends SplitSearch {
  private readonly targets: Float64Array;
  private readonly base: number;
  /** Per bin. */
  private readonly sums = new Float64Array(256);
  private readonly weightIn = new Int32Array(256);
  protected total = 0;
  protected all = 0;
  protected leftSum = 0;
  protected leftWeight = 0;

  constructor(features: BinnedFeatures, target: ValueTarget, rows: TreeRows, minSamplesLeaf: number) {
    super(features, rows, minSamplesLeaf);
    this.targets = target.targets;
    this.base = target.base;
  }

  leafValues(): ArrayLike<number> {
    return [this.all / this.total - this.base];
  }

  protected sum(): boolean {
    const { rows, targets, weights, start, end } = this;
    const first = targets[rows[start]];
    let same = true;
    let sum = 0;
    let total = 0;
    for (let place = start; place < end; place++) {
      const row = rows[place];
      const target = targets[row];
      if (target !== first) same = false;
      sum += weights[row] * target;
      total += weights[row];
    }
    this.all = sum;
    this.total = total;
    return same;
  }

  protected unsplit(): number {
    return (this.all * this.all) / this.total;
  }

  protected count(feature: number): void {
    const { bins, rowCount } = this.features;
    const { rows, weights, targets, sums, weightIn, rowsIn, start, end } = this;
    const offset = feature * rowCount;
    sums.fill(0);
    weightIn.fill(0);
    for (let place = start; place < end; place++) {
      const row = rows[place];
      const bin = bins[offset + row];
      const weight = weights[row];
      rowsIn[bin]++;
      weightIn[bin] += weight;
      sums[bin] += weight * targets[row];
    }
  }

  protected emptyLeft(): void {
    this.leftSum = 0;
    this.leftWeight = 0;
  }

  protected moveBin(bin: number): void {
    this.leftWeight += this.weightIn[bin];
    this.leftSum += this.sums[bin];
  }

  protected moveRow(row: number): void {
    this.leftWeight += this.weights[row];
    this.leftSum += this.weights[row] * this.targets[row];
  }

  protected score(): number {
    const { leftSum, leftWeight } = this;
    const rightSum = this.all - leftSum;
    return (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / (this.total - leftWeight);
  }
}
/**
 * Splits by how much nearer the sides' means are to their values by the Poisson deviance: the score is Σ·ln(Σ / weight) of both sides. Values
 * are counted from 0, none is negative, and no side is all 0.
 */
export class PoissonSplits extends ValueSplits {
  protected override unsplit(): number {
    return deviance(this.all, this.total);
  }

  protected override score(): number {
    return deviance(this.leftSum, this.leftWeight) + deviance(this.all - this.leftSum, this.total - this.leftWeight);
  }
}

const deviance = (sum: number, weight: number): number =>
  sum <= Number.EPSILON ? -Infinity : sum * Math.log(sum / weight);
