import { PlatformError } from '#runtime';
import type { ClassifierData, FitContext, FittedModel } from '../learner.js';
import { softmaxRows } from '../softmax.js';
import { minimise } from './lbfgs.js';
import { linearGraph, linearImportances, linearScores } from './linear-scores.js';
import { logisticLoss } from './logistic-loss.js';
import { scaleRows, scalingOf } from './standardise.js';

/**
 * scikit-learn's names. `solver` names one of those that end at the same optimum, and changes nothing; `random_state` seeds the split
 * only: the fit draws nothing.
 */
export type LogisticRegressionParameters = Readonly<{
  penalty: 'l2' | 'none' | null;
  C: number;
  tol: number;
  max_iter: number;
  solver: string;
  /** Weights by what the classes are called; those not named weigh 1. */
  class_weight: 'balanced' | Readonly<Record<string, number>> | null;
  random_state: number;
}>;

/**
 * Logistic regression, binary or multinomial, by L-BFGS. Features are standardised first (what scikit-learn's users put a StandardScaler in
 * front for), so `C` means the same for every feature whatever its unit.
 * @throws PlatformError PARAMETER_INVALID when a class is weighted that is not there.
 */
export const fitLogisticRegression = async (
  data: ClassifierData,
  parameters: LogisticRegressionParameters,
  { onProgress }: FitContext = {},
): Promise<FittedModel> => {
  const { labels, featureCount, classCount } = data;
  const { penalty, C, tol, max_iter } = parameters;
  const scaling = scalingOf(data.rows, featureCount);
  const columns = classCount === 2 ? 1 : classCount;
  const loss = logisticLoss({
    rows: scaleRows(data.rows, scaling),
    labels,
    featureCount,
    columns,
    C: penalty === 'l2' ? C : Infinity,
    classWeights: classWeights(parameters.class_weight, data),
  });
  const minimum = minimise(loss, new Float64Array(columns * (featureCount + 1)), {
    maxIterations: max_iter,
    tolerance: tol,
    onIteration: (iteration, value) => onProgress?.(iteration, max_iter, { train_loss: value }),
  });
  const model = { scaling, ...spread(minimum.x, featureCount, classCount) };
  return Promise.resolve({
    kind: 'classifier',
    predict: (rows) => softmaxRows(linearScores(model, rows), classCount),
    graph: (features) => {
      const { nodes, initializers, scores } = linearGraph(model, features);
      const softmax = { op: 'Softmax', inputs: [scores], outputs: ['scores'], attributes: { axis: { int: 1 } } };
      return { nodes: [...nodes, softmax], initializers, scores: 'scores' };
    },
    facts: { iterations: minimum.iterations, converged: minimum.converged },
    importances: linearImportances(model),
  });
};

/** `balanced` as scikit-learn has it: rows / (classes · rows of the class). */
const classWeights = (
  given: LogisticRegressionParameters['class_weight'],
  { labels, classCount, classNames }: ClassifierData,
): Float64Array | undefined => {
  if (given === null) return undefined;
  const weights = new Float64Array(classCount).fill(1);
  if (given === 'balanced') {
    const counts = new Float64Array(classCount);
    for (const label of labels) counts[label]++;
    return counts.map((count) => (count === 0 ? 1 : labels.length / (classCount * count)));
  }
  const names = classNames ?? Array.from(weights.keys(), String);
  for (const [name, weight] of Object.entries(given)) {
    const id = names.indexOf(name);
    if (id < 0)
      throw new PlatformError(
        'PARAMETER_INVALID',
        `class_weight names the class "${name}", which is not in the data set; it has ${names.join(', ').slice(0, 500)}.`,
      );
    weights[id] = weight;
  }
  return weights;
};

/** One column of weights for each class. The single column of a binary fit becomes two that differ by it. */
const spread = (x: Float64Array, featureCount: number, classCount: number) => {
  const columns = x.length / (featureCount + 1);
  const value = (column: number, index: number): number =>
    index < featureCount ? x[column * featureCount + index] : x[columns * featureCount + column];
  const ofClass = (id: number, index: number): number =>
    columns === 1 ? (id - 0.5) * value(0, index) : value(id, index);
  return {
    weights: Float32Array.from({ length: featureCount * classCount }, (_, place) =>
      ofClass(place % classCount, Math.floor(place / classCount)),
    ),
    intercepts: Float64Array.from({ length: classCount }, (_, id) => ofClass(id, featureCount)),
  };
};
