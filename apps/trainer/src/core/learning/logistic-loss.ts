import type { Objective } from './lbfgs.js';

export interface LogisticProblem {
  /** Row after row. */
  rows: Float32Array;
  labels: Int32Array;
  featureCount: number;
  /** Columns of weights: one per class, or a single one for two classes. */
  columns: number;
  C: number;
}

/**
 * scikit-learn's objective: mean log-loss + ‖W‖² / (2·C·n), the intercepts not penalised. Parameters are the weights column after column
 * (`columns` × `featureCount`), then the intercepts. A single column is the binary loss on the second class's score.
 */
export const logisticLoss = ({ rows, labels, featureCount, columns, C }: LogisticProblem): Objective => {
  const rowCount = labels.length;
  const weightCount = columns * featureCount;
  const penalty = 1 / (C * rowCount);
  const scores = new Float64Array(columns);
  return (x, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < rowCount; row++) {
      const start = row * featureCount;
      for (let column = 0; column < columns; column++) {
        let score = x[weightCount + column];
        for (let feature = 0; feature < featureCount; feature++)
          score += x[column * featureCount + feature] * rows[start + feature];
        scores[column] = score;
      }
      loss += columns === 1 ? binaryLoss(scores, labels[row]) : multinomialLoss(scores, labels[row]);
      for (let column = 0; column < columns; column++) {
        const residual = scores[column];
        for (let feature = 0; feature < featureCount; feature++)
          gradient[column * featureCount + feature] += residual * rows[start + feature];
        gradient[weightCount + column] += residual;
      }
    }
    let squares = 0;
    for (let index = 0; index < x.length; index++) {
      gradient[index] /= rowCount;
      if (index >= weightCount) continue;
      squares += x[index] * x[index];
      gradient[index] += penalty * x[index];
    }
    return loss / rowCount + 0.5 * penalty * squares;
  };
};

/** Loss of one row; the score becomes its slope. */
const binaryLoss = (scores: Float64Array, label: number): number => {
  const score = scores[0];
  scores[0] = 1 / (1 + Math.exp(-score)) - label;
  return Math.max(score, 0) - score * label + Math.log1p(Math.exp(-Math.abs(score)));
};

/** Loss of one row; each score becomes its slope. */
const multinomialLoss = (scores: Float64Array, label: number): number => {
  let greatest = scores[0];
  for (const score of scores) if (score > greatest) greatest = score;
  const own = scores[label];
  let sum = 0;
  for (let column = 0; column < scores.length; column++) {
    scores[column] = Math.exp(scores[column] - greatest);
    sum += scores[column];
  }
  for (let column = 0; column < scores.length; column++) scores[column] /= sum;
  scores[label] -= 1;
  return Math.log(sum) + greatest - own;
};
