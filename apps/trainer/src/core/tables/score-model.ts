import type { Tensor } from '#onnx';
import type { Labels } from './classes.js';
import { checkLabels, checkScores, disagrees } from './agreement.js';
import { LABEL, PREDICTION, PROBABILITIES } from './assemble-model.js';
import { classificationMetrics, regressionMetrics, type Metrics } from './metrics.js';
import type { Target } from './target-builder.js';

/** Runs the exported file on rows of columns; the answers of all rows, by output. */
export type RunModel = (rows: Int32Array, outputs: readonly string[]) => Promise<Tensor[]>;

/** What the exported file says of rows that the fit has not seen. */
export interface Scored {
  metrics: Metrics;
  /** Between the fitted model and its file. */
  greatestDifference: number;
  /** Class ids or values, true and predicted; probabilities of a classifier. For plots. */
  truth: ArrayLike<number>;
  predicted: ArrayLike<number>;
  probabilities: ArrayLike<number>;
}

/**
 * Measures the exported file: what will be served is what is measured.
 * @param fitted what the model in JavaScript says of the same rows
 * @throws PlatformError EXPORT_DISAGREES when the file does not answer as the fitted model does.
 */
export const scoreModel = async (
  target: Target,
  rows: Int32Array,
  fitted: Float64Array,
  run: RunModel,
): Promise<Scored> => {
  if (target.kind === 'quantity') {
    const [answer] = await run(rows, [PREDICTION]);
    const predicted = floats(answer);
    const greatestDifference = checkScores(fitted, predicted, 1);
    const truth = Float64Array.from(rows, (row) => target.values[row]);
    return { metrics: regressionMetrics(truth, predicted), greatestDifference, truth, predicted, probabilities: [] };
  }
  const [labels, scores] = await run(rows, [LABEL, PROBABILITIES]);
  const { classes } = target;
  const probabilities = floats(scores);
  const predicted = idsOf(labels, classes);
  const greatestDifference = checkScores(fitted, probabilities, classes.length);
  checkLabels(fitted, predicted, classes.length);
  const truth = rows.map((row) => target.ids[row]);
  const metrics = classificationMetrics({ labels: truth, predicted, probabilities, classCount: classes.length });
  return { metrics, greatestDifference, truth, predicted, probabilities };
};

const floats = ({ name, data }: Tensor): Float32Array => {
  if (data instanceof Float32Array) return data;
  throw disagrees(`its "${name}" is not float32`);
};

const idsOf = ({ data }: Tensor, classes: Labels): Int32Array => {
  const idOf = new Map<string, number>(classes.map((label, id) => [String(label), id]));
  const ids = Int32Array.from(Array.from<unknown>(data), (label) => idOf.get(String(label)) ?? -1);
  const unknown = ids.indexOf(-1);
  if (unknown >= 0)
    throw disagrees(`row ${String(unknown + 1)} has the label "${String(data[unknown])}", which is no class`);
  return ids;
};
