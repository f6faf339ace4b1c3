import { binaryPass } from './binary-pass.js';
import type { Objective } from './lbfgs.js';
import type { LogisticProblem, LossPass } from './logistic-problem.js';

/**
 * scikit-learn's objective: mean log-loss + ‖W‖² / (2·C·n), the intercepts not penalised; n is what all rows weigh. Parameters are the
 * weights column after column (`columns` × `featureCount`), then the intercepts. A single column is the binary loss on the second class's
 * score.
 */
export const logisticLoss = (problem: LogisticProblem): Objective => {
  const { labels, featureCount, columns, C, classWeights } = problem;
  const weightCount = columns * featureCount;
  const pass = columns === 1 ? binaryPass(problem) : multinomialPass(problem);
  const total =
    classWeights === undefined ? labels.length : labels.reduce((sum, label) => sum + classWeights[label], 0);
  const penalty = 1 / (C * total);
  return (x, gradient) => {
    gradient.fill(0);
    const loss = pass(x, gradient);
    let squares = 0;
    for (let index = 0; index < x.length; index++) {
      gradient[index] /= total;
      if (index >= weightCount) continue;
      squares += x[index] * x[index];
      gradient[index] += penalty * x[index];
    }
    return loss / total + 0.5 * penalty * squares;
  };
};

const multinomialPass = ({ rows, labels, featureCount, columns, classWeights }: LogisticProblem): LossPass => {
  const weightCount = columns * featureCount;
  const scores = new Float64Array(columns);
  return (x, gradient) => {
    let loss = 0;
    for (let row = 0; row < labels.length; row++) {
      const start = row * featureCount;
      for (let column = 0; column < columns; column++) {
        let score = x[weightCount + column];
        const first = column * featureCount;
        for (let feature = 0; feature < featureCount; feature++) score += x[first + feature] * rows[start + feature];
        scores[column] = score;
      }
      const weight = classWeights === undefined ? 1 : classWeights[labels[row]];
      loss += weight * multinomialLoss(scores, labels[row]);
      for (let column = 0; column < columns; column++) {
        const residual = weight * scores[column];
        const first = column * featureCount;
        for (let feature = 0; feature < featureCount; feature++)
          gradient[first + feature] += residual * rows[start + feature];
        gradient[weightCount + column] += residual;
      }
    }
    return loss;
  };
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
