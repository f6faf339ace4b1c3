/** Names and definitions are scikit-learn's. */
export type Metrics = Record<string, number>;

export interface ClassPredictions {
  /** Class ids, true and predicted. */
  labels: ArrayLike<number>;
  predicted: ArrayLike<number>;
  /** Row after row, `labels.length` × `classCount`. */
  probabilities: ArrayLike<number>;
  classCount: number;
}

/** float32's epsilon, at which scikit-learn clips float32 probabilities. */
const CLIP = 2 ** -23;

/**
 * `accuracy_score`, `balanced_accuracy_score`, `f1_score` (macro and weighted, zero_division=0), `log_loss`, and `roc_auc_score`: of the
 * greater class where there are two, else one against the rest (macro). The last is left out when the rows are of one class only.
 */
export const classificationMetrics = (predictions: ClassPredictions): Metrics => {
  const counts = countsOf(predictions);
  const auc = rocAuc(predictions);
  return {
    accuracy: sum(counts.hits) / predictions.labels.length,
    balanced_accuracy: mean(present(counts.actual).map((id) => counts.hits[id] / counts.actual[id])),
    ...f1(counts, predictions.labels.length),
    log_loss: logLoss(predictions),
    ...(auc !== undefined && { roc_auc: auc }),
  };
};

interface Counts {
  hits: Float64Array;
  actual: Float64Array;
  said: Float64Array;
}

const countsOf = ({ labels, predicted, classCount }: ClassPredictions): Counts => {
  const [hits, actual, said] = [0, 1, 2].map(() => new Float64Array(classCount));
  for (let row = 0; row < labels.length; row++) {
    actual[labels[row]]++;
    said[predicted[row]]++;
    if (labels[row] === predicted[row]) hits[labels[row]]++;
  }
  return { hits, actual, said };
};

/** Per class 2·hits / (true + said); the mean is over classes that are there, as true ones or as said ones. */
const f1 = ({ hits, actual, said }: Counts, rowCount: number): Metrics => {
  const named = actual.map((count, id) => count + said[id]);
  const scores = named.map((count, id) => (count === 0 ? 0 : (2 * hits[id]) / count));
  return {
    f1_macro: sum(scores) / present(named).length,
    f1_weighted: sum(scores.map((score, id) => score * actual[id])) / rowCount,
  };
};

const logLoss = ({ labels, probabilities, classCount }: ClassPredictions): number => {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row * classCount + labels[row]];
    loss -= Math.log(Math.min(Math.max(probability, CLIP), 1 - CLIP));
  }
  return loss / labels.length;
};

const rocAuc = ({ labels, probabilities, classCount }: ClassPredictions): number | undefined => {
  const ofClass = (id: number) =>
    aucOf(
      Float64Array.from({ length: labels.length }, (_, row) => probabilities[row * classCount + id]),
      Uint8Array.from(labels, (label) => Number(label === id)),
    );
  if (classCount === 2) return ofClass(1);
  const areas = Array.from({ length: classCount }, (_, id) => ofClass(id));
  // scikit-learn refuses when a class is missing; here its area is left out of the mean.
  const known = areas.filter((area) => area !== undefined);
  return known.length === 0 ? undefined : mean(known);
};

/** By ranks (Mann-Whitney); equal scores count half. Undefined when there is no pair to order. */
const aucOf = (scores: Float64Array, positive: Uint8Array): number | undefined => {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[a] - scores[b]);
  let ranks = 0;
  let positives = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    for (let at = from; at < to; at++)
      if (positive[order[at]] === 1) {
        ranks += (from + to + 1) / 2;
        positives++;
      }
    from = to;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
};

/** `r2_score`, `mean_absolute_error`, `root_mean_squared_error`. R² is left out when the targets do not vary. */
export const regressionMetrics = (targets: ArrayLike<number>, predicted: ArrayLike<number>): Metrics => {
  const rowCount = targets.length;
  let absolute = 0;
  let squares = 0;
  let total = 0;
  for (let row = 0; row < rowCount; row++) total += targets[row];
  const average = total / rowCount;
  let spread = 0;
  for (let row = 0; row < rowCount; row++) {
    const error = targets[row] - predicted[row];
    absolute += Math.abs(error);
    squares += error * error;
    spread += (targets[row] - average) ** 2;
  }
  return {
    ...(spread > 0 && { r2: 1 - squares / spread }),
    mae: absolute / rowCount,
    rmse: Math.sqrt(squares / rowCount),
  };
};

/** Each metric's mean over folds, and how much it varies (`cv_accuracy`, `cv_accuracy_std`); those that every fold has. */
export const crossValidated = (folds: readonly Metrics[]): Metrics =>
  Object.fromEntries(
    Object.keys(folds[0])
      .filter((name) => folds.every((metrics) => name in metrics))
      .flatMap((name) => {
        const values = folds.map((metrics) => metrics[name]);
        const average = mean(values);
        const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
        return [
          [`cv_${name}`, average],
          [`cv_${name}_std`, deviation],
        ];
      }),
  );

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
const present = (counts: Float64Array): number[] => [...counts.keys()].filter((id) => counts[id] > 0);
