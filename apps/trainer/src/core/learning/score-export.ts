import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { checkAgreement } from './agreement.js';
import { FEATURES, LABEL, PROBABILITIES } from './assemble-model.js';
import { classificationMetrics, type ClassificationMetrics } from './metrics.js';
import type { TrainedTable } from './train-table.js';

export interface ScoredExport {
  /** Of the exported file: what will be served is what was measured. */
  metrics: ClassificationMetrics;
  /** Between the fitted model and its file. */
  greatestDifference: number;
}

/** The held-out rows as the exported file takes them. */
export const heldOutInput = ({ columns, heldOut }: TrainedTable): Tensor => ({
  name: FEATURES,
  datatype: 'FP32',
  shape: [heldOut.labels.length, columns.length],
  data: heldOut.rows,
});

/**
 * Measures the exported file by what onnxruntime answered to `heldOutInput`.
 * @throws PlatformError EXPORT_DISAGREES when the file does not answer as the fitted model does.
 */
export const scoreExport = (trained: TrainedTable, answers: readonly Tensor[]): ScoredExport => {
  const probabilities = dataOf(answers, PROBABILITIES);
  if (!(probabilities instanceof Float32Array))
    throw new PlatformError('EXPORT_DISAGREES', 'The exported ONNX file answers no float32 probabilities.');
  const idOf = new Map<string, number>(trained.classes.map((label, id) => [String(label), id]));
  const predicted = Int32Array.from(
    Array.from<unknown>(dataOf(answers, LABEL)),
    (label) => idOf.get(String(label)) ?? -1,
  );
  const unknown = predicted.indexOf(-1);
  if (unknown >= 0)
    throw new PlatformError(
      'EXPORT_DISAGREES',
      `The exported ONNX file answers row ${String(unknown + 1)} with "${String(dataOf(answers, LABEL)[unknown])}", which is no class.`,
    );
  const classCount = trained.classes.length;
  const { labels, probabilities: fitted } = trained.heldOut;
  const greatestDifference = checkAgreement({ fitted, exported: probabilities, labels: predicted, classCount });
  return { metrics: classificationMetrics({ labels, predicted, probabilities, classCount }), greatestDifference };
};

const dataOf = (answers: readonly Tensor[], name: string): Tensor['data'] => {
  const answer = answers.find((tensor) => tensor.name === name);
  if (answer === undefined) throw new PlatformError('EXPORT_DISAGREES', `The exported ONNX file answers no "${name}".`);
  return answer.data;
};
