export interface LogisticProblem {
  /** Row after row. */
  rows: Float32Array;
  labels: Int32Array;
  featureCount: number;
  /** Columns of weights: one per class, or a single one for two classes. */
  columns: number;
  /** Infinity: no penalty. */
  C: number;
  /** What a row of each class weighs; 1 when absent. */
  classWeights?: Float64Array;
}

/** Adds the slopes of all rows' losses to the gradient. @returns the sum of the losses */
export type LossPass = (x: Float64Array, gradient: Float64Array) => number;
