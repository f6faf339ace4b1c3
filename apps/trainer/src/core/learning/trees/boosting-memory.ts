import type { BinnedFeatures } from './binned-features.js';

/** Bins of a histogram, the one of missing values included. */
export const BINS = 256;
/** Numbers in `found` for a node and feature: gain, bin, where missing values go, and what falls to the left. */
export const FOUND = { gain: 0, bin: 1, missingLeft: 2, gradient: 3, hessian: 4, count: 5, size: 6 } as const;
/**
 * Places in `task`: what is to be done and with which rows. For splits: the histograms of the smaller node, whose rows they are, and of the
 * larger (-1: none), the sums of each, and what a row adds to a sum of hessians. To divide a node: its split, and in how many parts.
 */
export const TASK = {
  ...{ job: 0, start: 1, end: 2 },
  ...{ slots: 3, sums: 5, rowUnit: 11 },
  ...{ feature: 12, bin: 13, missingLeft: 14, parts: 15 },
  size: 16,
} as const;
/** Places in `control`: the task's number, parts that nobody has taken, parts that are not done. */
export const CONTROL = { turn: 0, left: 1, undone: 2, stopped: 3, size: 4 } as const;

/** A node with less than this on one side says too little to be split: scikit-learn's bound. */
export const LEAST_HESSIAN = 1e-3;

/** Rows in the order in which a tree's nodes own stretches of them; gradients and hessians lie in the same order. */
export interface OrderedRows {
  rows: Int32Array;
  gradients: Float32Array;
  /** Empty when all hessians are 1. */
  hessians: Float32Array;
}

/**
 * What the threads of one boosting share. A thread that grows a tree says in `task` what is to be done; whoever is free takes the next part
 * (`control`): fills a feature's histogram and leaves the best split in `found`, or divides a part of a node's rows.
 */
export interface BoostingMemory extends OrderedRows {
  features: BinnedFeatures;
  /** Bins of two features in one number, the first one's below: that of row `r` and features `2p` and `2p + 1` at `p * rowCount + r`. */
  pairs: Uint16Array;
  /** Values' bins of each feature, less the one of missing values. */
  binCounts: Int32Array;
  /** Room for as many. */
  aside: OrderedRows;
  /** Rows that go left, in each part of a node that is divided; a part for each thread. */
  lefts: Int32Array;
  /** All hessians are 1, and are not looked at. */
  constantHessian: boolean;
  minSamplesLeaf: number;
  l2: number;
  /** Per histogram, feature (an even number of them) and bin: the gradients, and the hessians with the row unit added for each row. */
  sums: Float64Array;
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
  threads: number;
}

/**
 * What a row adds to a sum of hessians, so that rows and hessians are told from one sum: a power of two, at least twice what all hessians of
 * the tree come to, and no more than it takes. Beside a greater one the small hessians of a rare class would be lost in rounding.
 */
export const rowUnitOf = (hessians: number): number => 2 ** Math.ceil(Math.log2(2 * Math.max(hessians, LEAST_HESSIAN)));

export const boostingMemory = (features: BinnedFeatures, shape: BoostingShape): BoostingMemory => {
  const { rowCount, featureCount, edges } = features;
  const { constantHessian, minSamplesLeaf, l2, slots, threads } = shape;
  const bytes = (count: number): SharedArrayBuffer => new SharedArrayBuffer(count);
  const orderedRows = (): OrderedRows => ({
    rows: new Int32Array(bytes(4 * rowCount)),
    gradients: new Float32Array(bytes(4 * rowCount)),
    hessians: new Float32Array(bytes(4 * (constantHessian ? 0 : rowCount))),
  });
  return {
    features,
    pairs: inPairs(features),
    binCounts: Int32Array.from(edges, (cuts) => cuts.length + 1),
    ...orderedRows(),
    aside: orderedRows(),
    lefts: new Int32Array(bytes(4 * threads)),
    constantHessian,
    minSamplesLeaf,
    l2,
    sums: new Float64Array(bytes(16 * slots * evenly(featureCount) * BINS)),
    task: new Float64Array(bytes(8 * TASK.size)),
    found: new Float64Array(bytes(8 * 2 * featureCount * FOUND.size)),
    control: new Int32Array(bytes(4 * CONTROL.size)),
  };
};

/** A feature without a partner has one that is the same for all rows. */
export const evenly = (featureCount: number): number => featureCount + (featureCount % 2);

const inPairs = ({ bins, rowCount, featureCount }: BinnedFeatures): Uint16Array => {
  const pairs = new Uint16Array(new SharedArrayBuffer(rowCount * evenly(featureCount)));
  for (let feature = 0; feature < featureCount; feature++) {
    const [at, shift] = [(feature >> 1) * rowCount, 8 * (feature & 1)];
    const own = feature * rowCount;
    for (let row = 0; row < rowCount; row++) pairs[at + row] |= bins[own + row] << shift;
  }
  return pairs;
};
