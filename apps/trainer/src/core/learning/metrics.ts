/** What is known of a classifier on rows that it has not seen; names as they are logged. */
export interface ClassificationMetrics {
  accuracy: number;
  log_loss: number;
  f1_macro: number;
}

export interface Predictions {
  /** Class ids, true and predicted. */
  labels: ArrayLike<number>;
  predicted: ArrayLike<number>;
  /** Row after row, `labels.length` × `classCount`. */
  probabilities: ArrayLike<number>;
  classCount: number;
}

/** float32's epsilon, at which scikit-learn clips float32 probabilities. */
const CLIP = 2 ** -23;

/** Defined as scikit-learn's `accuracy_score`, `log_loss` and `f1_score(average="macro", zero_division=0)` are. */
export const classificationMetrics = (predictions: Predictions): ClassificationMetrics => ({
  accuracy: accuracy(predictions),
  log_loss: logLoss(predictions),
  f1_macro: f1Macro(predictions),
});

const accuracy = ({ labels, predicted }: Predictions): number => {
  let right = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === predicted[row]) right++;
  return right / labels.length;
};

const logLoss = ({ labels, probabilities, classCount }: Predictions): number => {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row * classCount + labels[row]];
    sum -= Math.log(Math.min(Math.max(probability, CLIP), 1 - CLIP));
  }
  return sum / labels.length;
};

/** The mean of 2·hits / (true + predicted) over the classes that are there, as true ones or as predicted ones. */
const f1Macro = ({ labels, predicted, classCount }: Predictions): number => {
  const hits = new Float64Array(classCount);
  const named = new Float64Array(classCount);
  for (let row = 0; row < labels.length; row++) {
    named[labels[row]]++;
    named[predicted[row]]++;
    if (labels[row] === predicted[row]) hits[labels[row]]++;
  }
  let sum = 0;
  let present = 0;
  for (let id = 0; id < classCount; id++) {
    if (named[id] === 0) continue;
    present++;
    sum += (2 * hits[id]) / named[id];
  }
  return sum / present;
};
