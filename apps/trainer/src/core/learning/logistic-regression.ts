import { minimise } from './lbfgs.js';
import { logisticLoss } from './logistic-loss.js';
import { logisticRegressionGraph, type LinearScores } from './logistic-regression-graph.js';
import type { FitProgress, FittedModel, TrainingData } from './recipe.js';
import { softmaxRows } from './softmax.js';
import { scaleRows, scalingOf } from './standardise.js';

/** scikit-learn's names. `random_state` seeds the split only: the fit draws nothing. */
export type LogisticRegressionParameters = Readonly<{
  C: number;
  max_iter: number;
  random_state: number;
}>;

/** scikit-learn's default `tol`. */
const TOLERANCE = 1e-4;

/**
 * Logistic regression with an L2 penalty, binary or multinomial, by L-BFGS. Features are standardised first (what scikit-learn's users put
 * a StandardScaler in front for), so `C` means the same for every feature whatever its unit.
 */
export const fitLogisticRegression = (
  data: TrainingData,
  { C, max_iter }: LogisticRegressionParameters,
  onProgress?: FitProgress,
): FittedModel => {
  const { labels, featureCount, classCount } = data;
  const scaling = scalingOf(data.rows, featureCount);
  const rows = scaleRows(data.rows, scaling);
  const columns = classCount === 2 ? 1 : classCount;
  const minimum = minimise(
    logisticLoss({ rows, labels, featureCount, columns, C }),
    new Float64Array(columns * (featureCount + 1)),
    {
      maxIterations: max_iter,
      tolerance: TOLERANCE,
      onIteration: (iteration) => onProgress?.(iteration, max_iter),
    },
  );
  const model = { scaling, ...spread(minimum.x, featureCount, classCount) };
  return {
    probabilities: (asked) => linearProbabilities(model, asked, featureCount),
    toOnnx: (classes) => logisticRegressionGraph(model, featureCount, classes),
    facts: { iterations: minimum.iterations, converged: minimum.converged },
  };
};

/** One column of weights for each class. The single column of a binary fit becomes two that differ by it. */
const spread = (x: Float64Array, featureCount: number, classCount: number) => {
  const columns = x.length / (featureCount + 1);
  const value = (column: number, index: number): number =>
    index < featureCount ? x[column * featureCount + index] : x[columns * featureCount + column];
  const ofClass = (id: number, index: number): number =>
    columns === 1 ? (id - 0.5) * value(0, index) : value(id, index);
  return {
    weights: Float32Array.from({ length: featureCount * classCount }, (_, place) =>
      ofClass(place % classCount, Math.floor(place / classCount)),
    ),
    intercepts: Float32Array.from({ length: classCount }, (_, id) => ofClass(id, featureCount)),
  };
};

const linearProbabilities = (
  { scaling, weights, intercepts }: LinearScores,
  rows: Float32Array,
  featureCount: number,
): Float64Array => {
  const scaled = scaleRows(rows, scaling);
  const classCount = intercepts.length;
  const scores = new Float64Array((rows.length / featureCount) * classCount);
  for (let place = 0; place < scores.length; place++) {
    const id = place % classCount;
    const start = Math.floor(place / classCount) * featureCount;
    let score = intercepts[id];
    for (let feature = 0; feature < featureCount; feature++)
      score += scaled[start + feature] * weights[feature * classCount + id];
    scores[place] = score;
  }
  return softmaxRows(scores, classCount);
};
