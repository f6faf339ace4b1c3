/** A grown tree as columns over its nodes; node 0 is the root. At a branch a row goes left when its feature is at most the threshold. */
export interface DecisionTree {
  /** Feature that a branch asks for; -1 at a leaf. */
  feature: Int32Array;
  threshold: Float32Array;
  /** 1 where a row whose feature is missing goes left. */
  missingLeft: Uint8Array;
  /** Left child of a branch; at a leaf, the position of its values. */
  left: Int32Array;
  right: Int32Array;
  /** What each leaf says, leaf after leaf: the share of each class, or one value. */
  values: Float32Array;
}

/** Every number there is lies at or below it: a branch with this threshold parts what is there from what is missing. */
export const ABOVE_ALL = 3.4028234663852886e38;

/** Where the values of the leaf begin that the row at `offset` of `rows` falls into. */
export const leafOf = (tree: DecisionTree, rows: Float32Array, offset: number): number => {
  const { feature, threshold, missingLeft, left, right } = tree;
  let node = 0;
  for (let asked = feature[0]; asked >= 0; asked = feature[node]) {
    const value = rows[offset + asked];
    // NaN is at most nothing, and differs from itself.
    const goesLeft = value <= threshold[node] || (value !== value && missingLeft[node] === 1);
    node = goesLeft ? left[node] : right[node];
  }
  return left[node];
};

/** Collects the nodes of a tree while it grows. */
export class TreeBuilder {
  private readonly feature: number[] = [];
  private readonly threshold: number[] = [];
  private readonly missingLeft: number[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly values: number[] = [];

  /** A node that is yet to become a leaf or a branch. */
  node(): number {
    this.threshold.push(0);
    this.missingLeft.push(0);
    this.left.push(0);
    this.right.push(0);
    return this.feature.push(-1) - 1;
  }

  leaf(node: number, values: ArrayLike<number>): void {
    this.left[node] = this.values.length;
    for (let index = 0; index < values.length; index++) this.values.push(values[index]);
  }

  /** @returns the two children */
  branch(node: number, feature: number, threshold: number, missingLeft: boolean): [left: number, right: number] {
    this.feature[node] = feature;
    this.threshold[node] = threshold;
    this.missingLeft[node] = missingLeft ? 1 : 0;
    this.left[node] = this.node();
    this.right[node] = this.node();
    return [this.left[node], this.right[node]];
  }

  build(): DecisionTree {
    return {
      feature: Int32Array.from(this.feature),
      threshold: Float32Array.from(this.threshold),
      missingLeft: Uint8Array.from(this.missingLeft),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      values: Float32Array.from(this.values),
    };
  }
}
