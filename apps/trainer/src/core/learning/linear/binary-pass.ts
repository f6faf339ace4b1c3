import type { LogisticProblem, LossPass } from './logistic-problem.js';

/**
 * The loss of two classes, four rows at a time: each weight is read, and each slope written, once for the four, and their sums do not
 * wait for one another. Less than half the time of one row after the other.
 */
export const binaryPass = ({ rows, labels, featureCount, classWeights }: LogisticProblem): LossPass => {
  const residuals = new Float64Array(4);
  return (x, gradient) => {
    const intercept = x[featureCount];
    const whole = labels.length - (labels.length % 4);
    let loss = 0;
    let slope = 0;
    const settle = (lane: number, row: number, score: number): void => {
      const weight = classWeights === undefined ? 1 : classWeights[labels[row]];
      // exp of minus the size: never infinite, and the same for the loss and the slope.
      const shrunk = Math.exp(-Math.abs(score));
      const probability = score >= 0 ? 1 / (1 + shrunk) : shrunk / (1 + shrunk);
      loss += weight * (Math.max(score, 0) - score * labels[row] + Math.log1p(shrunk));
      residuals[lane] = weight * (probability - labels[row]);
      slope += residuals[lane];
    };
    for (let row = 0; row < whole; row += 4) {
      const a = row * featureCount;
      const [b, c, d] = [a + featureCount, a + 2 * featureCount, a + 3 * featureCount];
      let [scoreA, scoreB, scoreC, scoreD] = [intercept, intercept, intercept, intercept];
      for (let feature = 0; feature < featureCount; feature++) {
        const weight = x[feature];
        scoreA += weight * rows[a + feature];
        scoreB += weight * rows[b + feature];
        scoreC += weight * rows[c + feature];
        scoreD += weight * rows[d + feature];
      }
      settle(0, row, scoreA);
      settle(1, row + 1, scoreB);
      settle(2, row + 2, scoreC);
      settle(3, row + 3, scoreD);
      const [first, second, third, fourth] = [residuals[0], residuals[1], residuals[2], residuals[3]];
      for (let feature = 0; feature < featureCount; feature++)
        gradient[feature] +=
          first * rows[a + feature] +
          second * rows[b + feature] +
          third * rows[c + feature] +
          fourth * rows[d + feature];
    }
    for (let row = whole; row < labels.length; row++) {
      const start = row * featureCount;
      let score = intercept;
      for (let feature = 0; feature < featureCount; feature++) score += x[feature] * rows[start + feature];
      settle(0, row, score);
      for (let feature = 0; feature < featureCount; feature++)
        gradient[feature] += residuals[0] * rows[start + feature];
    }
    gradient[featureCount] += slope;
    return loss;
  };
};
