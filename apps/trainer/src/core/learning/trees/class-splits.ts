import type { BinnedFeatures } from './binned-features.js';
import { SplitSearch, type TreeRows } from './split-search.js';

export interface ClassTarget {
  kind: 'classes';
  labels: Int32Array;
  classCount: number;
  criterion: 'gini' | 'entropy';
}

/**
 * Splits by classes. A side's purity is Σcount² / weight for the Gini impurity, Σcount·ln count − weight·ln weight for entropy.
 */
export class ClassSplits extends SplitSearch {
  private readonly labels: Int32Array;
  private readonly classCount: number;
  /** Weight of each class per bin. */
  private readonly histogram: Int32Array;
  /** Weight of each class in the open node, and on its left. */
  private readonly counts: Float64Array;
  private readonly left: Float64Array;
  /** count · ln count; absent for Gini. */
  private readonly logs?: Float64Array;
  private total = 0;
  private leftWeight = 0;
  /** Σcount², or Σcount·ln count. */
  private all = 0;
  private leftSum = 0;
  private rightSum = 0;

  constructor(features: BinnedFeatures, target: ClassTarget, rows: TreeRows, minSamplesLeaf: number) {
    super(features, rows, minSamplesLeaf);
    this.labels = target.labels;
    this.classCount = target.classCount;
    this.histogram = new Int32Array(256 * target.classCount);
    this.counts = new Float64Array(target.classCount);
    this.left = new Float64Array(target.classCount);
    if (target.criterion === 'entropy')
      this.logs = Float64Array.from({ length: features.rowCount + 1 }, (_, count) =>
        count === 0 ? 0 : count * Math.log(count),
      );
  }

  leafValues(): ArrayLike<number> {
    return this.counts.map((count) => count / this.total);
  }

  protected sum(): boolean {
    const { counts, rows, labels, weights, logs, start, end } = this;
    counts.fill(0);
    let total = 0;
    for (let place = start; place < end; place++) {
      const row = rows[place];
      const weight = weights[row];
      counts[labels[row]] += weight;
      total += weight;
    }
    this.total = total;
    this.all = 0;
    for (const count of counts) this.all += logs === undefined ? count * count : logs[count];
    return counts[labels[rows[start]]] === total;
  }

  protected unsplit(): number {
    return this.logs === undefined ? this.all / this.total : this.all - this.logs[this.total];
  }

  protected count(feature: number): void {
    const { bins, rowCount } = this.features;
    const { rows, weights, labels, histogram, rowsIn, classCount, start, end } = this;
    const offset = feature * rowCount;
    histogram.fill(0);
    for (let place = start; place < end; place++) {
      const row = rows[place];
      const bin = bins[offset + row];
      rowsIn[bin]++;
      histogram[bin * classCount + labels[row]] += weights[row];
    }
  }

  protected emptyLeft(): void {
    this.left.fill(0);
    this.leftWeight = 0;
    this.leftSum = 0;
    this.rightSum = this.all;
  }

  protected moveBin(bin: number): void {
    for (let id = 0, place = bin * this.classCount; id < this.classCount; id++, place++)
      if (this.histogram[place] > 0) this.move(id, this.histogram[place]);
  }

  protected moveRow(row: number): void {
    this.move(this.labels[row], this.weights[row]);
  }

  protected score(): number {
    const { leftWeight, logs } = this;
    const rightWeight = this.total - leftWeight;
    return logs === undefined
      ? this.leftSum / leftWeight + this.rightSum / rightWeight
      : this.leftSum - logs[leftWeight] + this.rightSum - logs[rightWeight];
  }

  private move(id: number, weight: number): void {
    const { left, logs } = this;
    const before = left[id];
    const right = this.counts[id] - before;
    if (logs === undefined) {
      this.leftSum += weight * (2 * before + weight);
      this.rightSum -= weight * (2 * right - weight);
    } else {
      this.leftSum += logs[before + weight] - logs[before];
      this.rightSum += logs[right - weight] - logs[right];
    }
    left[id] = before + weight;
    this.leftWeight += weight;
  }
}
