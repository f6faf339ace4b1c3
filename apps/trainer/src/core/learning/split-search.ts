import type { BinnedFeatures } from './binned-features.js';
import type { Rng } from './rng.js';

/** Rows whose bin of `feature` is at most `bin` go left. */
export interface BinSplit {
  feature: number;
  bin: number;
  gain: number;
}

/** A stretch of the sample's rows with their weighted count per class, and in all. */
export interface NodeRows {
  start: number;
  end: number;
  counts: Float64Array;
  total: number;
}

/** Finds the split of a node that leaves the least Gini impurity, by counting classes per bin. */
export class SplitSearch {
  private readonly histogram: Float64Array;
  private readonly left: Float64Array;
  private readonly order: Int32Array;

  /** `weights` and `rows` are the grower's, which changes them between searches. */
  constructor(
    private readonly features: BinnedFeatures,
    private readonly labels: Int32Array,
    private readonly weights: Int32Array,
    private readonly rows: Int32Array,
    private readonly classCount: number,
  ) {
    this.histogram = new Float64Array(256 * classCount);
    this.left = new Float64Array(classCount);
    this.order = new Int32Array(features.featureCount);
  }

  /** Before each tree: what it draws depends on its own seed, not on the trees before it. */
  begin(): void {
    for (let feature = 0; feature < this.order.length; feature++) this.order[feature] = feature;
  }

  /**
   * Tries features in random order until `wanted` of them varied in the node. A split that gains nothing is taken, too, as
   * scikit-learn takes it: the next ones may (think of exclusive or).
   * @returns undefined when no feature varies
   */
  best(node: NodeRows, wanted: number, rng: Rng): BinSplit | undefined {
    const { featureCount } = this.features;
    let best: BinSplit | undefined;
    let varied = 0;
    for (let drawn = 0; drawn < featureCount && varied < wanted; drawn++) {
      const pick = drawn + rng.below(featureCount - drawn);
      const feature = this.order[pick];
      this.order[pick] = this.order[drawn];
      this.order[drawn] = feature;
      const split = this.bestOf(feature, node);
      if (split === undefined) continue;
      varied++;
      if (best === undefined || split.gain > best.gain) best = split;
    }
    return best;
  }

  private bestOf(feature: number, node: NodeRows): BinSplit | undefined {
    const { lowest, highest } = this.count(feature, node);
    if (lowest === highest) return undefined;
    const { classCount, histogram, left } = this;
    let best: BinSplit | undefined;
    let leftTotal = 0;
    left.fill(0);
    for (let bin = lowest; bin < highest; bin++) {
      let inBin = 0;
      for (let id = 0; id < classCount; id++) {
        const count = histogram[bin * classCount + id];
        left[id] += count;
        inBin += count;
      }
      if (inBin === 0) continue;
      leftTotal += inBin;
      const gain = this.purity(node, leftTotal);
      if (best === undefined || gain > best.gain) best = { feature, bin: this.middleOfGap(bin, highest), gain };
    }
    return best;
  }

  /** Fills the histogram of a feature over the node's rows, between the lowest and the highest bin that has any. */
  private count(feature: number, { start, end }: NodeRows): { lowest: number; highest: number } {
    const { bins, rowCount } = this.features;
    const { rows, weights, labels, histogram, classCount } = this;
    const offset = feature * rowCount;
    let lowest = 255;
    let highest = 0;
    for (let place = start; place < end; place++) {
      const bin = bins[offset + rows[place]];
      if (bin < lowest) lowest = bin;
      if (bin > highest) highest = bin;
    }
    if (lowest < highest) {
      histogram.fill(0, lowest * classCount, (highest + 1) * classCount);
      for (let place = start; place < end; place++) {
        const row = rows[place];
        histogram[bins[offset + row] * classCount + labels[row]] += weights[row];
      }
    }
    return { lowest, highest };
  }

  /** Grows as the weighted Gini impurity of the two sides falls: Σl²/|l| + Σr²/|r|. */
  private purity({ counts, total }: NodeRows, leftTotal: number): number {
    let leftSquares = 0;
    let rightSquares = 0;
    for (let id = 0; id < this.classCount; id++) {
      const right = counts[id] - this.left[id];
      leftSquares += this.left[id] * this.left[id];
      rightSquares += right * right;
    }
    return leftSquares / leftTotal + rightSquares / (total - leftTotal);
  }

  /** Between this bin and the next that has rows of the node: the middle generalises as well as an exact search does. */
  private middleOfGap(bin: number, highest: number): number {
    let next = bin + 1;
    while (next < highest && this.isEmpty(next)) next++;
    return (bin + next - 1) >> 1;
  }

  private isEmpty(bin: number): boolean {
    for (let id = 0; id < this.classCount; id++) if (this.histogram[bin * this.classCount + id] > 0) return false;
    return true;
  }
}
