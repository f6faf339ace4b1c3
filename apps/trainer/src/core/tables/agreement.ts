import { PlatformError } from '#runtime';

/** float64 sums here, float32 there: what rounding explains, and nothing that a wrong graph does. */
const TOLERANCE = 1e-5;

const withinOf = (value: number): number => TOLERANCE * Math.max(1, Math.abs(value));

/**
 * Compares what the fitted model and its exported file say, score by score: within 1e-5 · max(1, |y|).
 * @param fitted of the model in JavaScript, row after row
 * @param exported of the file in onnxruntime
 * @returns the greatest difference
 * @throws PlatformError EXPORT_DISAGREES naming the first row that differs.
 */
export const checkScores = (fitted: Float64Array, exported: ArrayLike<number>, width: number): number => {
  if (exported.length !== fitted.length)
    throw disagrees(`it answers ${String(exported.length)} scores where ${String(fitted.length)} are due`);
  let greatest = 0;
  for (let place = 0; place < fitted.length; place++) {
    const difference = Math.abs(fitted[place] - exported[place]);
    if (!(difference <= withinOf(fitted[place])))
      throw disagrees(
        `row ${String(Math.floor(place / width) + 1)} scores ${String(exported[place])} instead of ${String(fitted[place])}`,
      );
    greatest = Math.max(greatest, difference);
  }
  return greatest;
};

/**
 * The label must be the class of the greatest score unless the two are as near as rounding brings them.
 * @param labels class ids that the exported file answered
 * @throws PlatformError EXPORT_DISAGREES
 */
export const checkLabels = (fitted: Float64Array, labels: ArrayLike<number>, classCount: number): void => {
  if (labels.length * classCount !== fitted.length)
    throw disagrees(`it answers ${String(labels.length)} labels where ${String(fitted.length / classCount)} are due`);
  for (let row = 0; row < labels.length; row++) {
    let best = -Infinity;
    for (let id = 0; id < classCount; id++) best = Math.max(best, fitted[row * classCount + id]);
    if (!(best - fitted[row * classCount + labels[row]] <= 2 * withinOf(best)))
      throw disagrees(`row ${String(row + 1)} has class ${String(labels[row])}, which is not the most probable one`);
  }
};

export const disagrees = (what: string): PlatformError =>
  new PlatformError('EXPORT_DISAGREES', `The exported ONNX file does not answer as the trained model does: ${what}.`);
