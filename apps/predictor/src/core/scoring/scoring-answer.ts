import type { ModelSignature } from '#contracts';
import type { Tensor } from '#onnx';
import { nestedValues, predictionOutput, probabilityOutput, rowValues } from '../decode-outputs.js';

/** How `predictions` are written: which outputs are asked for, and what is made of them. */
export interface ScoringShape {
  outputNames: string[];
  predictions: (outputs: readonly Tensor[]) => unknown;
}

/**
 * The shape in which `mlflow models serve` would answer for this model. Flavors of learners (scikit-learn and the like) answer one
 * value per row. The onnx flavor answers its outputs by their names: a frame with a record per row, tensors as they are. Where
 * that one fails, on a frame with an output of several values per row (a classifier's probabilities), the labels are answered.
 */
export const scoringShape = ({ outputs, columns, pyfunc }: ModelSignature, isFrame: boolean): ScoringShape => {
  const names = outputs.map(({ name }) => name);
  if (pyfunc?.loader !== 'mlflow.onnx') {
    const wantsProbabilities = pyfunc?.predictFn === 'predict_proba';
    return oneValue(wantsProbabilities ? probabilityOutput(names) : predictionOutput(names));
  }
  // To MLflow a signature of columns makes a data frame of whatever came, one of tensors makes tensors of it.
  const framed = columns !== undefined || (isFrame && pyfunc.tensors !== true);
  if (!framed) return { outputNames: names, predictions: byName };
  const isColumn = outputs.every(({ shape }) => shape.slice(1).every((size) => size === 1));
  return isColumn ? { outputNames: names, predictions: records } : oneValue(predictionOutput(names));
};

const oneValue = (name: string): ScoringShape => ({
  outputNames: [name],
  predictions: ([output]) => rowValues(output),
});

const byName = (outputs: readonly Tensor[]): object =>
  Object.fromEntries(outputs.map((output) => [output.name, nestedValues(output)]));

const records = (outputs: readonly Tensor[]): object[] => {
  const columns = outputs.map((output) => [output.name, rowValues(output)] as const);
  return columns[0][1].map((_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row]])));
};
