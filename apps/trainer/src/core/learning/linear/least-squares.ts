import type { FitContext, FittedModel, RegressorData } from '../learner.js';
import { linearGraph, linearImportances, linearScores } from './linear-scores.js';
import { scaleRows, scalingOf } from './standardise.js';

/** scikit-learn's name of the penalty; `random_state` seeds the split only. */
export type RidgeParameters = Readonly<{ alpha: number; random_state: number }>;

/** A feature that the others explain but for this share of its spread adds nothing but noise. */
const NEGLIGIBLE = 1e-10;

/** Ordinary least squares. A feature that is a sum of others gets no weight of its own: predictions are those of any solution. */
export const fitLinearRegression = (
  data: RegressorData,
  _parameters: { random_state: number },
  context?: FitContext,
): Promise<FittedModel> => fitLeastSquares(data, 0, context);

/**
 * Least squares with alpha·‖w‖² added, on standardised features (what scikit-learn's users put a StandardScaler in front for), so that the
 * penalty means the same for every feature whatever its unit.
 */
export const fitRidge = (data: RegressorData, { alpha }: RidgeParameters, context?: FitContext): Promise<FittedModel> =>
  fitLeastSquares(data, alpha, context);

const fitLeastSquares = (
  { rows, targets, featureCount }: RegressorData,
  alpha: number,
  { onProgress }: FitContext = {},
): Promise<FittedModel> => {
  const scaling = scalingOf(rows, featureCount);
  const { products, moments, means, mean } = normalEquations(scaleRows(rows, scaling), targets, featureCount);
  onProgress?.(1, 2);
  for (let feature = 0; feature < featureCount; feature++) products[feature * featureCount + feature] += alpha;
  const weights = solve(products, moments);
  const intercept = weights.x.reduce((sum, weight, feature) => sum - weight * means[feature], mean);
  onProgress?.(2, 2);
  const model = { scaling, weights: Float32Array.from(weights.x), intercepts: Float64Array.of(intercept) };
  return Promise.resolve({
    kind: 'regressor',
    predict: (asked) => linearScores(model, asked),
    graph: (features) => linearGraph(model, features),
    facts: { rank: weights.rank },
    importances: linearImportances(model),
  });
};

/** XᵀX and Xᵀy of columns and targets less their means: float32 scaling leaves a mean of nearly 0, which matters to large values. */
const normalEquations = (rows: Float32Array, targets: Float64Array, featureCount: number) => {
  const rowCount = targets.length;
  const mean = targets.reduce((sum, target) => sum + target, 0) / rowCount;
  const products = new Float64Array(featureCount * featureCount);
  const moments = new Float64Array(featureCount);
  const means = new Float64Array(featureCount);
  for (let row = 0; row < rowCount; row++) {
    const start = row * featureCount;
    const target = targets[row] - mean;
    for (let a = 0; a < featureCount; a++) {
      const value = rows[start + a];
      means[a] += value / rowCount;
      moments[a] += value * target;
      for (let b = 0; b <= a; b++) products[a * featureCount + b] += value * rows[start + b];
    }
  }
  for (let a = 0; a < featureCount; a++)
    for (let b = 0; b <= a; b++) {
      products[a * featureCount + b] -= rowCount * means[a] * means[b];
      products[b * featureCount + a] = products[a * featureCount + b];
    }
  return { products, moments, means, mean };
};

/**
 * Solves a symmetric, positive semidefinite system by a Cholesky decomposition that takes the largest pivot first and stops where nothing
 * is left: what depends on features taken before gets 0.
 */
const solve = (products: Float64Array, moments: Float64Array): { x: Float64Array; rank: number } => {
  const size = moments.length;
  const left = products.slice();
  const order = Array.from(moments.keys());
  const factor = new Float64Array(size * size);
  const least = NEGLIGIBLE * order.reduce((most, index) => Math.max(most, left[index * size + index]), 0);
  let rank = 0;
  for (; rank < size; rank++) {
    let pick = rank;
    for (let next = rank + 1; next < size; next++)
      if (left[order[next] * size + order[next]] > left[order[pick] * size + order[pick]]) pick = next;
    const pivot = left[order[pick] * size + order[pick]];
    if (!(pivot > least)) break;
    [order[rank], order[pick]] = [order[pick], order[rank]];
    const root = Math.sqrt(pivot);
    const own = order[rank];
    factor[own * size + rank] = root;
    for (let next = rank + 1; next < size; next++)
      factor[order[next] * size + rank] = left[order[next] * size + own] / root;
    for (let a = rank + 1; a < size; a++) {
      const share = factor[order[a] * size + rank];
      for (let b = rank + 1; b < size; b++) left[order[a] * size + order[b]] -= share * factor[order[b] * size + rank];
    }
  }
  const x = new Float64Array(size);
  const halfway = new Float64Array(rank);
  for (let a = 0; a < rank; a++) {
    let sum = moments[order[a]];
    for (let b = 0; b < a; b++) sum -= factor[order[a] * size + b] * halfway[b];
    halfway[a] = sum / factor[order[a] * size + a];
  }
  for (let a = rank - 1; a >= 0; a--) {
    let sum = halfway[a];
    for (let b = a + 1; b < rank; b++) sum -= factor[order[b] * size + a] * x[order[b]];
    x[order[a]] = sum / factor[order[a] * size + a];
  }
  return { x, rank };
};
