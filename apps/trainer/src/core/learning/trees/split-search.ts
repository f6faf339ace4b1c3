import { MISSING, type BinnedFeatures } from './binned-features.js';
import type { Rng } from '../rng.js';

/** Rows whose bin of `feature` is at most `bin` go left, and those that miss the value if so said. */
export interface BinSplit {
  feature: number;
  bin: number;
  /** Absent where no row of the node misses the value. */
  missingLeft?: boolean;
  /** What the split takes off the node's impurity, times its weight. */
  gain: number;
}

/** Rows drawn for one tree; the grower orders them so that every open node owns a stretch. */
export interface TreeRows {
  rows: Int32Array;
  /** How often each row of the table was drawn. */
  weights: Int32Array;
}

/** Nodes up to this size are searched by sorting their few rows: emptying and reading 256 bins would cost more. A key has eight bits for it. */
const FEW_ROWS = 40;

/**
 * Finds the split of a node that leaves the least impurity. Rows are moved from the right to the left in the order of a feature's bins;
 * what that does to the impurity, the subclass knows.
 */
export abstract class SplitSearch {
  protected readonly rows: Int32Array;
  protected readonly weights: Int32Array;
  /** Rows of the open node per bin, after `count`. */
  protected readonly rowsIn = new Int32Array(256);
  /** Stretch of the open node. */
  protected start = 0;
  protected end = 0;
  private readonly order: Int32Array;
  private readonly sorted = new Int32Array(FEW_ROWS);
  private readonly best = { feature: -1, bin: 0, missingLeft: undefined as boolean | undefined, score: -Infinity };
  private leftRows = 0;

  constructor(
    protected readonly features: BinnedFeatures,
    { rows, weights }: TreeRows,
    private readonly minSamplesLeaf: number,
  ) {
    this.rows = rows;
    this.weights = weights;
    this.order = new Int32Array(features.featureCount);
  }

  /** What a leaf of the open node says. */
  abstract leafValues(): ArrayLike<number>;

  /** Sums up the open node. @returns true when all its rows are of one kind */
  protected abstract sum(): boolean;
  /** Fills the histogram of a feature over the open node's rows, `rowsIn` included; both are empty before. */
  protected abstract count(feature: number): void;
  /** Puts all rows to the right. */
  protected abstract emptyLeft(): void;
  protected abstract moveBin(bin: number): void;
  protected abstract moveRow(row: number): void;
  /** Grows as the weighted impurity of the two sides falls. */
  protected abstract score(): number;
  /** The score of the open node as it is. */
  protected abstract unsplit(): number;

  /** Before each tree: what it draws depends on its own seed, not on the trees before it. */
  begin(): void {
    for (let feature = 0; feature < this.order.length; feature++) this.order[feature] = feature;
  }

  /** Takes up a node. @returns true when all its rows are of one kind */
  open(start: number, end: number): boolean {
    this.start = start;
    this.end = end;
    return this.sum();
  }

  /**
   * Tries features in random order until `wanted` of them varied in the node. A split that gains nothing is taken, too, as
   * scikit-learn takes it: the next ones may (think of exclusive or).
   * @returns undefined when no feature varies, or no split leaves enough rows on both sides
   */
  search(wanted: number, rng: Rng): BinSplit | undefined {
    const { best, order } = this;
    const { featureCount } = this.features;
    best.score = -Infinity;
    let varied = 0;
    for (let drawn = 0; drawn < featureCount && varied < wanted; drawn++) {
      const pick = drawn + rng.below(featureCount - drawn);
      const feature = order[pick];
      order[pick] = order[drawn];
      order[drawn] = feature;
      if (this.end - this.start > FEW_ROWS ? this.searchMany(feature) : this.searchFew(feature)) varied++;
    }
    if (best.score === -Infinity) return undefined;
    const { feature, bin, missingLeft, score } = best;
    return { feature, bin, missingLeft, gain: score - this.unsplit() };
  }

  /** @returns whether the feature varies in the node */
  private searchMany(feature: number): boolean {
    const { rowsIn } = this;
    rowsIn.fill(0);
    this.count(feature);
    const missing = this.features.hasMissing[feature] === 1 ? rowsIn[MISSING] : 0;
    if (missing === this.end - this.start) return false;
    const last = this.features.hasMissing[feature] === 1 ? MISSING - 1 : MISSING;
    let lowest = 0;
    while (rowsIn[lowest] === 0) lowest++;
    let highest = last;
    while (rowsIn[highest] === 0) highest--;
    if (lowest === highest && missing === 0) return false;
    this.beginLeft();
    this.walk(feature, lowest, highest, missing === 0 ? undefined : false);
    if (missing === 0) return true;
    // What is there to the left, what is missing to the right; then what is missing goes along with the lower values.
    this.takeBin(highest);
    this.offer(feature, MISSING - 1, false);
    this.beginLeft();
    this.takeBin(MISSING);
    this.walk(feature, lowest, highest, true);
    return true;
  }

  private walk(feature: number, lowest: number, highest: number, missingLeft?: boolean): void {
    for (let bin = lowest; bin < highest;) {
      this.takeBin(bin);
      let next = bin + 1;
      while (this.rowsIn[next] === 0) next++;
      this.offer(feature, middleOfGap(bin, next), missingLeft);
      bin = next;
    }
  }

  /** @returns whether the feature varies in the node */
  private searchFew(feature: number): boolean {
    const { sorted } = this;
    const count = this.sort(feature);
    const lowest = sorted[0] >> 8;
    if (lowest === sorted[count - 1] >> 8) return false;
    let present = count;
    while (this.features.hasMissing[feature] === 1 && sorted[present - 1] >> 8 === MISSING) present--;
    this.beginLeft();
    this.walkFew(feature, present, count, present === count ? undefined : false);
    if (present === count) return true;
    this.beginLeft();
    for (let place = present; place < count; place++) this.takeRow(sorted[place]);
    this.walkFew(feature, present, present, true);
    return true;
  }

  /** Sorts the open node's rows as `bin << 8 | place`. @returns how many */
  private sort(feature: number): number {
    const { start, end, rows, sorted } = this;
    const { bins, rowCount } = this.features;
    const offset = feature * rowCount;
    for (let place = start; place < end; place++) {
      const key = (bins[offset + rows[place]] << 8) | (place - start);
      let to = place - start;
      for (; to > 0 && sorted[to - 1] > key; to--) sorted[to] = sorted[to - 1];
      sorted[to] = key;
    }
    return end - start;
  }

  /** Takes `present` rows one by one; those up to `end` are what a row is held against. */
  private walkFew(feature: number, present: number, end: number, missingLeft?: boolean): void {
    const { sorted } = this;
    for (let place = 0; place < present && place + 1 < end; place++) {
      this.takeRow(sorted[place]);
      const bin = sorted[place] >> 8;
      const next = sorted[place + 1] >> 8;
      if (next !== bin) this.offer(feature, middleOfGap(bin, next), missingLeft);
    }
  }

  private beginLeft(): void {
    this.leftRows = 0;
    this.emptyLeft();
  }

  private takeBin(bin: number): void {
    this.leftRows += this.rowsIn[bin];
    this.moveBin(bin);
  }

  private takeRow(key: number): void {
    this.leftRows++;
    this.moveRow(this.rows[this.start + (key & 255)]);
  }

  /** The split between what is to the left now and what is not; kept when it is the best so far. */
  private offer(feature: number, bin: number, missingLeft?: boolean): void {
    if (this.leftRows < this.minSamplesLeaf || this.end - this.start - this.leftRows < this.minSamplesLeaf) return;
    const score = this.score();
    const { best } = this;
    if (score <= best.score) return;
    best.feature = feature;
    best.bin = bin;
    best.missingLeft = missingLeft;
    best.score = score;
  }
}

/** A bin in the middle of the gap between two that are in use: a threshold there generalises as well as an exact search's. */
const middleOfGap = (bin: number, next: number): number => (next === MISSING ? MISSING - 1 : (bin + next - 1) >> 1);
