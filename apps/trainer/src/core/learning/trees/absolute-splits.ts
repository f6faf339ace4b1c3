import type { BinnedFeatures } from './binned-features.js';
import { SplitSearch, type TreeRows } from './split-search.js';
import type { ValueTarget } from './value-splits.js';

/**
 * Splits by how far the values of each side are from its median, all of them together. The rows on the left are kept in a Fenwick tree over
 * the places of the node's values in order, with their weights and sums: a row is moved, and a median found, in as many steps as the number
 * of rows has bits. The right side is what the node has and the left has not.
 */
export class AbsoluteSplits extends SplitSearch {
  private readonly targets: Float64Array;
  private readonly base: number;
  /** Of every row, its place among all targets in ascending order; and the row at each place. */
  private readonly rank: Int32Array;
  private readonly rowAt: Int32Array;
  /** Rows of the open node in the order of their values, and the place of each (from 1). */
  private readonly ordered: Int32Array;
  private readonly placeOf: Int32Array;
  /** Fenwick trees: weight and sum of the stretch that each place stands for. */
  private readonly whole: Float64Array;
  private readonly left: Float64Array;
  /** Rows of the open node in the order of a feature's bins; those of a bin end where the next one's begin. */
  private readonly byBin: Int32Array;
  private readonly binStart = new Int32Array(257);
  private size = 0;
  private highestStep = 1;
  private total = 0;
  private all = 0;
  private leftWeight = 0;
  private leftSum = 0;

  constructor(features: BinnedFeatures, target: ValueTarget, rows: TreeRows, minSamplesLeaf: number) {
    super(features, rows, minSamplesLeaf);
    const { targets, base } = target;
    const { rowCount } = features;
    this.targets = targets;
    this.base = base;
    this.rowAt = Int32Array.from({ length: rowCount }, (_, row) => row).sort(
      (a, b) => targets[a] - targets[b] || a - b,
    );
    this.rank = new Int32Array(rowCount);
    this.rowAt.forEach((row, place) => (this.rank[row] = place));
    this.ordered = new Int32Array(rowCount);
    this.placeOf = new Int32Array(rowCount);
    this.whole = new Float64Array(2 * rowCount + 2);
    this.left = new Float64Array(2 * rowCount + 2);
    this.byBin = new Int32Array(rowCount);
  }

  /** The median; of two that are as good, what lies between them, as scikit-learn has it. */
  leafValues(): ArrayLike<number> {
    const { ordered, weights, targets, size, total } = this;
    let below = 0;
    let place = 0;
    while (2 * (below + weights[ordered[place]]) < total) below += weights[ordered[place++]];
    const value = targets[ordered[place]];
    const isTied = 2 * (below + weights[ordered[place]]) === total && place + 1 < size;
    return [(isTied ? value / 2 + targets[ordered[place + 1]] / 2 : value) - this.base];
  }

  protected sum(): boolean {
    const { rows, targets, weights, rank, rowAt, placeOf, whole, start, end } = this;
    const size = end - start;
    const ordered = this.ordered.subarray(0, size);
    for (let place = 0; place < size; place++) ordered[place] = rank[rows[start + place]];
    ordered.sort();
    this.size = size;
    this.highestStep = 1 << (31 - Math.clz32(size));
    this.total = 0;
    this.all = 0;
    whole.fill(0, 0, 2 * size + 2);
    for (let place = 1; place <= size; place++) {
      const row = rowAt[ordered[place - 1]];
      ordered[place - 1] = row;
      placeOf[row] = place;
      const weight = weights[row];
      const sum = weight * targets[row];
      this.total += weight;
      this.all += sum;
      whole[2 * place] += weight;
      whole[2 * place + 1] += sum;
      const next = place + (place & -place);
      if (next > size) continue;
      whole[2 * next] += whole[2 * place];
      whole[2 * next + 1] += whole[2 * place + 1];
    }
    return targets[ordered[0]] === targets[ordered[size - 1]];
  }

  protected unsplit(): number {
    this.emptyLeft();
    return -this.rightError();
  }

  protected count(feature: number): void {
    const { bins, rowCount } = this.features;
    const { rows, rowsIn, byBin, binStart, start, end } = this;
    const offset = feature * rowCount;
    for (let place = start; place < end; place++) rowsIn[bins[offset + rows[place]]]++;
    let next = 0;
    for (let bin = 0; bin < 256; bin++) {
      binStart[bin] = next;
      next += rowsIn[bin];
    }
    for (let place = start; place < end; place++) byBin[binStart[bins[offset + rows[place]]]++] = rows[place];
    // Each has come to where the next one begins.
    binStart.copyWithin(1, 0, 256);
    binStart[0] = 0;
  }

  protected emptyLeft(): void {
    this.left.fill(0, 0, 2 * this.size + 2);
    this.leftWeight = 0;
    this.leftSum = 0;
  }

  protected moveBin(bin: number): void {
    for (let place = this.binStart[bin]; place < this.binStart[bin + 1]; place++) this.moveRow(this.byBin[place]);
  }

  protected moveRow(row: number): void {
    const { left, size } = this;
    const weight = this.weights[row];
    const sum = weight * this.targets[row];
    this.leftWeight += weight;
    this.leftSum += sum;
    for (let place = this.placeOf[row]; place <= size; place += place & -place) {
      left[2 * place] += weight;
      left[2 * place + 1] += sum;
    }
  }

  protected score(): number {
    return -this.leftError() - this.rightError();
  }

  private leftError(): number {
    const { left, leftWeight, size } = this;
    let place = 0;
    let weight = 0;
    let sum = 0;
    for (let step = this.highestStep; step > 0; step >>= 1) {
      const next = place + step;
      if (next > size || 2 * (weight + left[2 * next]) >= leftWeight) continue;
      place = next;
      weight += left[2 * next];
      sum += left[2 * next + 1];
    }
    return this.error(place, { weight, sum }, leftWeight, this.leftSum);
  }

  private rightError(): number {
    const { left, whole, size } = this;
    const rightWeight = this.total - this.leftWeight;
    let place = 0;
    let weight = 0;
    let sum = 0;
    for (let step = this.highestStep; step > 0; step >>= 1) {
      const next = place + step;
      if (next > size) continue;
      const more = whole[2 * next] - left[2 * next];
      if (2 * (weight + more) >= rightWeight) continue;
      place = next;
      weight += more;
      sum += whole[2 * next + 1] - left[2 * next + 1];
    }
    return this.error(place, { weight, sum }, rightWeight, this.all - this.leftSum);
  }

  /** Σ|value − median| of a side whose median is the value behind `place`; what lies before it weighs and sums up to `before`. */
  private error(place: number, before: { weight: number; sum: number }, weight: number, sum: number): number {
    const median = this.targets[this.ordered[place]];
    return median * (2 * before.weight - weight) + sum - 2 * before.sum;
  }
}
