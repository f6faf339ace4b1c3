import type { BinnedFeatures } from './binned-features.js';
import { TreeBuilder, type DecisionTree } from './decision-tree.js';
import type { Rng } from './rng.js';
import { SplitSearch } from './split-search.js';

export interface GrowthOptions {
  classCount: number;
  /** Null: until every leaf is pure or can't be split. */
  maxDepth: number | null;
  /** Features tried at each node; those that do not vary in it are not counted, as in scikit-learn. */
  featuresPerSplit: number;
}

interface OpenNode {
  node: number;
  start: number;
  end: number;
  depth: number;
}

/** Grows one classification tree after the other over the same rows, each on its own bootstrap sample. */
export class TreeGrower {
  private readonly search: SplitSearch;
  /** How often each row is in the sample. */
  private readonly weights: Int32Array;
  /** Rows of the sample; every open node owns a stretch of it. */
  private readonly rows: Int32Array;
  private readonly aside: Int32Array;

  constructor(
    private readonly features: BinnedFeatures,
    private readonly labels: Int32Array,
    private readonly options: GrowthOptions,
  ) {
    this.weights = new Int32Array(features.rowCount);
    this.rows = new Int32Array(features.rowCount);
    this.aside = new Int32Array(features.rowCount);
    this.search = new SplitSearch(features, labels, this.weights, this.rows, options.classCount);
  }

  grow(rng: Rng): DecisionTree {
    this.search.begin();
    const builder = new TreeBuilder();
    const open: OpenNode[] = [{ node: builder.node(), start: 0, end: this.drawSample(rng), depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, start, end, depth } = next;
      const counts = this.countClasses(start, end);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const mayGrow = !counts.includes(total) && (this.options.maxDepth === null || depth < this.options.maxDepth);
      const split = mayGrow
        ? this.search.best({ start, end, counts, total }, this.options.featuresPerSplit, rng)
        : undefined;
      if (split === undefined) {
        builder.leaf(node, counts, total);
        continue;
      }
      const middle = this.partition(start, end, split.feature, split.bin);
      const [left, right] = builder.branch(node, split.feature, this.features.edges[split.feature][split.bin]);
      open.push({ node: right, start: middle, end, depth: depth + 1 });
      open.push({ node: left, start, end: middle, depth: depth + 1 });
    }
    return builder.build();
  }

  /** As many draws as there are rows, with replacement. @returns how many different rows were drawn */
  private drawSample(rng: Rng): number {
    const { rowCount } = this.features;
    this.weights.fill(0);
    for (let draw = 0; draw < rowCount; draw++) this.weights[rng.below(rowCount)]++;
    let drawn = 0;
    for (let row = 0; row < rowCount; row++) if (this.weights[row] > 0) this.rows[drawn++] = row;
    return drawn;
  }

  private countClasses(start: number, end: number): Float64Array {
    const counts = new Float64Array(this.options.classCount);
    for (let place = start; place < end; place++) {
      const row = this.rows[place];
      counts[this.labels[row]] += this.weights[row];
    }
    return counts;
  }

  /** Rows up to the bin to the left, the others behind them, both in their order. @returns where the others begin */
  private partition(start: number, end: number, feature: number, bin: number): number {
    const offset = feature * this.features.rowCount;
    let kept = start;
    let moved = 0;
    for (let place = start; place < end; place++) {
      const row = this.rows[place];
      if (this.features.bins[offset + row] <= bin) this.rows[kept++] = row;
      else this.aside[moved++] = row;
    }
    this.rows.set(this.aside.subarray(0, moved), kept);
    return kept;
  }
}
