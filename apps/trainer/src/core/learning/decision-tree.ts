/**
 * A grown tree as columns over its nodes; node 0 is the root. At a branch a row goes left when its feature is at most the threshold.
 */
export interface DecisionTree {
  /** Feature that a branch asks for; -1 at a leaf. */
  feature: Int32Array;
  threshold: Float32Array;
  /** Left child of a branch; at a leaf, the position of its probabilities (times the number of classes). */
  left: Int32Array;
  right: Int32Array;
  /** Share of each class among the rows of each leaf, leaf after leaf. */
  probabilities: Float32Array;
}

/** Where the probabilities of the leaf begin that the row at `offset` of `rows` falls into. */
export const leafOf = (tree: DecisionTree, rows: Float32Array, offset: number): number => {
  let node = 0;
  while (tree.feature[node] >= 0)
    node = rows[offset + tree.feature[node]] <= tree.threshold[node] ? tree.left[node] : tree.right[node];
  return tree.left[node];
};

/** Collects the nodes of a tree while it grows. */
export class TreeBuilder {
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly probabilities: number[] = [];

  /** A node that is yet to become a leaf or a branch. */
  node(): number {
    this.threshold.push(0);
    this.left.push(0);
    this.right.push(0);
    return this.feature.push(-1) - 1;
  }

  leaf(node: number, counts: Float64Array, total: number): void {
    this.left[node] = this.probabilities.length;
    for (const count of counts) this.probabilities.push(count / total);
  }

  /** @returns the two children */
  branch(node: number, feature: number, threshold: number): [left: number, right: number] {
    this.feature[node] = feature;
    this.threshold[node] = threshold;
    this.left[node] = this.node();
    this.right[node] = this.node();
    return [this.left[node], this.right[node]];
  }

  build(): DecisionTree {
    return {
      feature: Int32Array.from(this.feature),
      threshold: Float32Array.from(this.threshold),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      probabilities: Float32Array.from(this.probabilities),
    };
  }
}
