import type { LogisticProblem, LossPass } from './logistic-problem.js';

/** Places in what a pass adds up: the loss but for its logarithms, the slope of the intercept, and by class what the logarithm is taken of. */
const LOSS = 0;
const SLOPE = 1;
const PRODUCT = 2;
/** Each factor is at most 2, so the product of so many is far from overflowing; one logarithm serves them all. */
const FACTORS = 256;

/**
 * The loss of two classes, four rows at a time: each weight is read, and each slope written, once for the four, and their sums do not
 * wait for one another. Logarithms, which take as long as all the rest, are taken of products.
 */
export const binaryPass = ({ rows, labels, featureCount, classWeights }: LogisticProblem): LossPass => {
  const weights = classWeights ?? Float64Array.of(1, 1);
  // Not variables of a closure: those would be boxed, with an allocation at each change.
  const totals = new Float64Array(4);
  const residual = (score: number, label: number): number => {
    const weight = weights[label];
    // exp of minus the size: never infinite, and the same for the loss and the slope.
    const shrunk = Math.exp(-Math.abs(score));
    const probability = (score >= 0 ? 1 : shrunk) / (1 + shrunk);
    totals[LOSS] += weight * ((score > 0 ? score : 0) - score * label);
    totals[PRODUCT + label] *= 1 + shrunk;
    const slope = weight * (probability - label);
    totals[SLOPE] += slope;
    return slope;
  };
  const takeLogarithms = (): void => {
    for (let label = 0; label < 2; label++) {
      totals[LOSS] += weights[label] * Math.log(totals[PRODUCT + label]);
      totals[PRODUCT + label] = 1;
    }
  };
  return (x, gradient) => {
    const intercept = x[featureCount];
    const whole = labels.length - (labels.length % 4);
    totals.fill(0).fill(1, PRODUCT);
    for (let row = 0; row < whole; row += 4) {
      if (row % FACTORS === 0) takeLogarithms();
      const a = row * featureCount;
      const b = a + featureCount;
      const c = b + featureCount;
      const d = c + featureCount;
      let scoreA = intercept;
      let scoreB = intercept;
      let scoreC = intercept;
      let scoreD = intercept;
      for (let feature = 0; feature < featureCount; feature++) {
        const weight = x[feature];
        scoreA += weight * rows[a + feature];
        scoreB += weight * rows[b + feature];
        scoreC += weight * rows[c + feature];
        scoreD += weight * rows[d + feature];
      }
      const slopeA = residual(scoreA, labels[row]);
      const slopeB = residual(scoreB, labels[row + 1]);
      const slopeC = residual(scoreC, labels[row + 2]);
      const slopeD = residual(scoreD, labels[row + 3]);
      for (let feature = 0; feature < featureCount; feature++)
        gradient[feature] +=
          slopeA * rows[a + feature] +
          slopeB * rows[b + feature] +
          slopeC * rows[c + feature] +
          slopeD * rows[d + feature];
    }
    for (let row = whole; row < labels.length; row++) {
      const start = row * featureCount;
      let score = intercept;
      for (let feature = 0; feature < featureCount; feature++) score += x[feature] * rows[start + feature];
      const slope = residual(score, labels[row]);
      for (let feature = 0; feature < featureCount; feature++) gradient[feature] += slope * rows[start + feature];
    }
    takeLogarithms();
    gradient[featureCount] += totals[SLOPE];
    return totals[LOSS];
  };
};
