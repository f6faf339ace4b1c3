import { PlatformError } from '#runtime';

export interface TwoAnswers {
  /** Of the model in JavaScript, row after row. */
  fitted: Float64Array;
  /** Of the exported file in onnxruntime. */
  exported: ArrayLike<number>;
  /** Class ids that the exported file answered. */
  labels: ArrayLike<number>;
  classCount: number;
}

/** float64 sums here, float32 there: what rounding explains, and nothing that a wrong graph does. */
const TOLERANCE = 1e-5;

/**
 * Compares what the fitted model and its exported file say: each probability within 1e-5 · max(1, |y|), and the label that of the greatest
 * probability unless the two are as near as that.
 * @returns the greatest difference of two probabilities
 * @throws PlatformError EXPORT_DISAGREES naming the first row that differs.
 */
export const checkAgreement = ({ fitted, exported, labels, classCount }: TwoAnswers): number => {
  if (exported.length !== fitted.length || labels.length * classCount !== fitted.length)
    throw disagrees(`it answers ${String(exported.length)} probabilities where ${String(fitted.length)} are due`);
  let greatest = 0;
  for (let place = 0; place < fitted.length; place++) {
    const difference = Math.abs(fitted[place] - exported[place]);
    if (!(difference <= TOLERANCE * Math.max(1, Math.abs(fitted[place]))))
      throw disagrees(
        `row ${String(Math.floor(place / classCount) + 1)} has probability ${String(exported[place])} instead of ${String(fitted[place])}`,
      );
    greatest = Math.max(greatest, difference);
  }
  for (let row = 0; row < labels.length; row++) {
    const scores = fitted.subarray(row * classCount, (row + 1) * classCount);
    const best = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    if (!(best - scores[labels[row]] <= 2 * TOLERANCE * Math.max(1, Math.abs(best))))
      throw disagrees(`row ${String(row + 1)} has class ${String(labels[row])}, which is not the most probable one`);
  }
  return greatest;
};

const disagrees = (what: string): PlatformError =>
  new PlatformError('EXPORT_DISAGREES', `The exported ONNX file does not answer as the trained model does: ${what}.`);
