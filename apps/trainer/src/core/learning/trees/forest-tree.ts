import { AbsoluteSplits } from './absolute-splits.js';
import { MISSING, thresholdOf, type BinnedFeatures } from './binned-features.js';
import { ClassSplits, type ClassTarget } from './class-splits.js';
import { TreeBuilder, type DecisionTree } from './decision-tree.js';
import type { Rng } from '../rng.js';
import type { BinSplit, SplitSearch } from './split-search.js';
import { PoissonSplits, ValueSplits, type ValueTarget } from './value-splits.js';

const splitsBy = { squared_error: ValueSplits, absolute_error: AbsoluteSplits, poisson: PoissonSplits };

export interface GrowthOptions {
  /** Null: until every leaf is of one kind or can't be split. */
  maxDepth: number | null;
  /** Rows that a node needs to be split, and that each leaf needs; a row drawn twice is one. */
  minSamplesSplit: number;
  minSamplesLeaf: number;
  /** Features tried at each node; those that do not vary in it are not counted, as in scikit-learn. */
  featuresPerSplit: number;
  /** False: each tree learns from every row once. */
  bootstrap: boolean;
}

export interface GrownTree {
  tree: DecisionTree;
  /** What the splits by each feature took off the impurity. */
  gains: Float64Array;
}

interface OpenNode {
  node: number;
  start: number;
  end: number;
  depth: number;
}

/** Grows one tree after the other over the same rows, each on its own bootstrap sample. */
export class TreeGrower {
  private readonly search: SplitSearch;
  /** How often each row is in the sample. */
  private readonly weights: Int32Array;
  /** Rows of the sample; every open node owns a stretch of it. */
  private readonly rows: Int32Array;
  private readonly aside: Int32Array;

  constructor(
    private readonly features: BinnedFeatures,
    target: ClassTarget | ValueTarget,
    private readonly options: GrowthOptions,
  ) {
    this.weights = new Int32Array(features.rowCount);
    this.rows = new Int32Array(features.rowCount);
    this.aside = new Int32Array(features.rowCount);
    const { rows, weights } = this;
    const sample = { rows, weights };
    if (target.kind === 'classes') this.search = new ClassSplits(features, target, sample, options.minSamplesLeaf);
    else {
      this.search = new splitsBy[target.criterion](features, target, sample, options.minSamplesLeaf);
    }
  }

  grow(rng: Rng): GrownTree {
    const { search } = this;
    search.begin();
    const builder = new TreeBuilder();
    const gains = new Float64Array(this.features.featureCount);
    const open: OpenNode[] = [{ node: builder.node(), start: 0, end: this.drawSample(rng), depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, start, end, depth } = next;
      const isPure = search.open(start, end);
      const split = isPure || !this.mayGrow(next) ? undefined : search.search(this.options.featuresPerSplit, rng);
      if (split === undefined) {
        builder.leaf(node, search.leafValues());
        continue;
      }
      const { feature, bin } = split;
      gains[feature] += split.gain;
      const middle = this.partition(next, split);
      // Where no row of the node misses the value, those that come later go where most rows went.
      const missingLeft = split.missingLeft ?? middle - start >= end - middle;
      const [left, right] = builder.branch(node, feature, thresholdOf(this.features.edges[feature], bin), missingLeft);
      open.push({ node: right, start: middle, end, depth: depth + 1 });
      open.push({ node: left, start, end: middle, depth: depth + 1 });
    }
    return { tree: builder.build(), gains };
  }

  private mayGrow({ start, end, depth }: OpenNode): boolean {
    const { maxDepth, minSamplesSplit, minSamplesLeaf } = this.options;
    return (maxDepth === null || depth < maxDepth) && end - start >= Math.max(minSamplesSplit, 2 * minSamplesLeaf);
  }

  /** @returns how many different rows were drawn */
  private drawSample(rng: Rng): number {
    drawWeights(this.weights, this.options.bootstrap, rng);
    let drawn = 0;
    for (let row = 0; row < this.weights.length; row++) if (this.weights[row] > 0) this.rows[drawn++] = row;
    return drawn;
  }

  /** Rows up to the bin to the left, the others behind them, both in their order. @returns where the others begin */
  private partition({ start, end }: OpenNode, { feature, bin, missingLeft }: BinSplit): number {
    const { rows, aside } = this;
    const { bins, rowCount } = this.features;
    const offset = feature * rowCount;
    const missing = missingLeft === true ? MISSING : 256;
    let kept = start;
    let moved = 0;
    for (let place = start; place < end; place++) {
      const row = rows[place];
      const own = bins[offset + row];
      if (own <= bin || own >= missing) rows[kept++] = row;
      else aside[moved++] = row;
    }
    rows.set(aside.subarray(0, moved), kept);
    return kept;
  }
}

/** As many draws as there are rows, with replacement; or each row once. */
export const drawWeights = (weights: Int32Array, bootstrap: boolean, rng: Rng): void => {
  weights.fill(bootstrap ? 0 : 1);
  if (bootstrap) for (let draw = 0; draw < weights.length; draw++) weights[rng.below(weights.length)]++;
};
