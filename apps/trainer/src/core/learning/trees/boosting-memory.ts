import type { BinnedFeatures } from './binned-features.js';

/** Bins of a histogram, the one of missing values included. */
export const BINS = 256;
/** Numbers in `found` for a node and feature: gain, bin, where missing values go, and what falls to the left. */
export const FOUND = { gain: 0, bin: 1, missingLeft: 2, gradient: 3, hessian: 4, count: 5, size: 6 } as const;
/** Places in `task`: rows of the smaller node, the histograms of both (-1: none), and the sums of each. */
export const TASK = { start: 0, end: 1, slots: 2, sums: 4, size: 10 } as const;
/** Places in `control`. */
export const CONTROL = { turn: 0, next: 1, done: 2, stopped: 3, size: 4 } as const;

/**
 * What the threads of one boosting share. A thread that grows a tree says in `task` which node is asked for; whoever is free takes the next
 * feature (`control`), fills that feature's histogram and leaves the best split in `found`.
 */
export interface BoostingMemory {
  features: BinnedFeatures;
  /** Values' bins of each feature, less the one of missing values. */
  binCounts: Int32Array;
  /** Rows in the order in which the tree's nodes own stretches of them; gradients and hessians lie in the same order. */
  rows: Int32Array;
  gradients: Float32Array;
  hessians: Float32Array;
  /** All hessians are 1, and are not looked at. */
  constantHessian: boolean;
  minSamplesLeaf: number;
  l2: number;
  /** Per histogram, feature and bin: the gradients, and the hessians with `rowUnit` added for each row. */
  sums: Float64Array;
  /** A power of two, more than twice what all hessians come to. */
  rowUnit: number;
  task: Float64Array;
  /** Per node of the task (the smaller, the larger) and feature. */
  found: Float64Array;
  control: Int32Array;
}

export interface BoostingShape {
  constantHessian: boolean;
  minSamplesLeaf: number;
  l2: number;
  /** Open leaves that may be split: each keeps a histogram. */
  slots: number;
}

export const boostingMemory = (features: BinnedFeatures, shape: BoostingShape): BoostingMemory => {
  const { rowCount, featureCount, edges } = features;
  const { constantHessian, minSamplesLeaf, l2, slots } = shape;
  const bytes = (count: number): SharedArrayBuffer => new SharedArrayBuffer(count);
  return {
    features,
    binCounts: Int32Array.from(edges, (cuts) => cuts.length + 1),
    rows: new Int32Array(bytes(4 * rowCount)),
    gradients: new Float32Array(bytes(4 * rowCount)),
    hessians: new Float32Array(bytes(4 * (constantHessian ? 0 : rowCount))),
    constantHessian,
    minSamplesLeaf,
    l2,
    sums: new Float64Array(bytes(16 * slots * featureCount * BINS)),
    rowUnit: 2 ** Math.ceil(Math.log2(2 * rowCount + 2)),
    task: new Float64Array(bytes(8 * TASK.size)),
    found: new Float64Array(bytes(8 * 2 * featureCount * FOUND.size)),
    control: new Int32Array(bytes(4 * CONTROL.size)),
  };
};
