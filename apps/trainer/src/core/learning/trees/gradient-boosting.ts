import type { GraphNode } from '#onnx';
import type { ClassifierData, FitContext, FittedModel, GraphPart, RegressorData } from '../learner.js';
import { Rng } from '../rng.js';
import { softmaxRows } from '../softmax.js';
import { boost, type BoostedTrees, type BoostingOptions } from './boosting.js';
import { BinaryLoss, MulticlassLoss, SquaredLoss, type BoostingLoss } from './boosting-loss.js';
import { leafOf } from './decision-tree.js';
import { treeEnsembleNode } from './tree-ensemble-graph.js';

/** Names and defaults of scikit-learn's HistGradientBoosting. */
export type GradientBoostingParameters = Readonly<{
  learning_rate: number;
  max_iter: number;
  max_leaf_nodes: number | null;
  max_depth: number | null;
  min_samples_leaf: number;
  l2_regularization: number;
  early_stopping: 'auto' | boolean;
  validation_fraction: number;
  n_iter_no_change: number;
  tol: number;
  random_state: number;
}>;

/** Set apart from the draws of the held-out split. */
const VALIDATION_STREAM = 2;
/** `auto` stops early beyond so many rows. */
const MANY_ROWS = 10_000;

/** @throws PlatformError PARAMETER_INVALID when the trees grow beyond what a model may hold. */
export const fitBoostingClassifier = (
  data: ClassifierData,
  parameters: GradientBoostingParameters,
  context: FitContext = {},
): Promise<FittedModel> => {
  const { classCount, featureCount } = data;
  const lossOf = (labels: Int32Array): BoostingLoss =>
    classCount === 2 ? new BinaryLoss(labels) : new MulticlassLoss(labels, classCount);
  const parts = partsOf(
    {
      ...data,
      answers: data.labels,
      validation: data.validation && { rows: data.validation.rows, answers: data.validation.labels },
    },
    data.labels,
    parameters,
  );
  const boosted = boost(
    { rows: parts.train.rows, loss: lossOf(parts.train.answers) },
    parts.validation && { rows: parts.validation.rows, loss: lossOf(parts.validation.answers) },
    featureCount,
    optionsOf(parameters, parts.stopsEarly),
    context,
  );
  return Promise.resolve({
    kind: 'classifier',
    predict: (rows) => softmaxRows(bothScores(boostedScores(boosted, rows, featureCount), classCount), classCount),
    graph: (features) => classifierGraph(boosted, features, classCount),
    ...whatIsKnown(boosted),
  });
};

export const fitBoostingRegressor = (
  data: RegressorData,
  parameters: GradientBoostingParameters,
  context: FitContext = {},
): Promise<FittedModel> => {
  const { featureCount } = data;
  const parts = partsOf(
    {
      ...data,
      answers: data.targets,
      validation: data.validation && { rows: data.validation.rows, answers: data.validation.targets },
    },
    undefined,
    parameters,
  );
  const boosted = boost(
    { rows: parts.train.rows, loss: new SquaredLoss(parts.train.answers) },
    parts.validation && { rows: parts.validation.rows, loss: new SquaredLoss(parts.validation.answers) },
    featureCount,
    optionsOf(parameters, parts.stopsEarly),
    context,
  );
  return Promise.resolve({
    kind: 'regressor',
    predict: (rows) => boostedScores(boosted, rows, featureCount),
    graph: (features) => ({ nodes: [scoresNode(boosted, features, 'scores')], initializers: [], scores: 'scores' }),
    ...whatIsKnown(boosted),
  });
};

const optionsOf = (parameters: GradientBoostingParameters, stopsEarly: boolean): BoostingOptions => ({
  learningRate: parameters.learning_rate,
  rounds: parameters.max_iter,
  maxLeafNodes: parameters.max_leaf_nodes,
  maxDepth: parameters.max_depth,
  minSamplesLeaf: parameters.min_samples_leaf,
  l2: parameters.l2_regularization,
  patience: stopsEarly ? { rounds: parameters.n_iter_no_change, tolerance: parameters.tol } : undefined,
});

interface Answered<A> {
  rows: Float32Array;
  answers: A;
}

/** What is learnt from and what is watched: rows that were given for it, or a share held out where the fit stops early. */
const partsOf = <A extends Int32Array | Float64Array>(
  data: Answered<A> & { featureCount: number; validation?: Answered<A> },
  classes: Int32Array | undefined,
  { early_stopping, validation_fraction, random_state }: GradientBoostingParameters,
): { train: Answered<A>; validation?: Answered<A>; stopsEarly: boolean } => {
  const { answers, featureCount, validation } = data;
  const stopsEarly = early_stopping === 'auto' ? answers.length > MANY_ROWS : early_stopping;
  if (validation !== undefined || !stopsEarly) return { train: data, validation, stopsEarly };
  const isHeld = heldOut(classes ?? new Int32Array(answers.length), validation_fraction, random_state);
  // A row of each class, and none to spare: the loss on the rows that are learnt from has to do.
  if (!isHeld.includes(1)) return { train: data, stopsEarly };
  const take = (held: 0 | 1): Answered<A> => {
    const places = Array.from(isHeld.keys()).filter((row) => isHeld[row] === held);
    const rows = new Float32Array(places.length * featureCount);
    places.forEach((row, place) => {
      rows.set(data.rows.subarray(row * featureCount, (row + 1) * featureCount), place * featureCount);
    });
    return { rows, answers: answers.filter((_: number, row: number) => isHeld[row] === held) as A };
  };
  return { train: take(0), validation: take(1), stopsEarly };
};

/** 1 for each row held out: the same share of every class, leaving a row of each to learn from and holding out one at least. */
const heldOut = (classes: Int32Array, share: number, seed: number): Uint8Array => {
  const rng = new Rng(seed, VALIDATION_STREAM);
  const order = Int32Array.from(classes.keys());
  rng.shuffle(order);
  const left = new Map<number, number>();
  for (const id of classes) left.set(id, (left.get(id) ?? 0) + 1);
  const counts = [...left];
  for (const [id, count] of counts) left.set(id, Math.min(Math.round(share * count), count - 1));
  const [largest, most] = counts.reduce((best, each) => (each[1] > best[1] ? each : best));
  if (most > 1 && ![...left.values()].some((count) => count > 0)) left.set(largest, 1);
  const held = new Uint8Array(classes.length);
  for (const row of order) {
    const wanted = left.get(classes[row]) ?? 0;
    if (wanted === 0) continue;
    held[row] = 1;
    left.set(classes[row], wanted - 1);
  }
  return held;
};

/** Row after row, a score for each target: sums in float32, tree after tree, as the graph's operator has them. */
const boostedScores = ({ trees, baseline }: BoostedTrees, rows: Float32Array, featureCount: number): Float64Array => {
  const targets = baseline.length;
  const rowCount = rows.length / featureCount;
  const scores = new Float32Array(rowCount * targets);
  trees.forEach((tree, index) => {
    for (let row = 0; row < rowCount; row++)
      scores[row * targets + (index % targets)] += tree.values[leafOf(tree, rows, row * featureCount)];
  });
  return Float64Array.from(scores, (score, place) => Math.fround(score + Math.fround(baseline[place % targets])));
};

/** Two classes share one score s: -s/2 and s/2, whose softmax is the logistic function of s. */
const bothScores = (scores: Float64Array, classCount: number): Float64Array =>
  scores.length > 0 && classCount === 2
    ? Float64Array.from(
        { length: 2 * scores.length },
        (_, place) => (place % 2 === 0 ? -0.5 : 0.5) * scores[place >> 1],
      )
    : scores;

const scoresNode = ({ trees, baseline }: BoostedTrees, features: string, output: string): GraphNode => {
  const targets = baseline.length;
  const targetOf = (tree: number): number => tree % targets;
  return treeEnsembleNode({ trees, width: 1, targetOf, targets, aggregate: 'SUM', base: baseline }, features, output);
};

const classifierGraph = (boosted: BoostedTrees, features: string, classCount: number): GraphPart => {
  const softmax = (input: string): GraphNode => ({
    op: 'Softmax',
    inputs: [input],
    outputs: ['scores'],
    attributes: { axis: { int: 1 } },
  });
  if (classCount > 2)
    return { nodes: [scoresNode(boosted, features, 'raw'), softmax('raw')], initializers: [], scores: 'scores' };
  return {
    nodes: [
      scoresNode(boosted, features, 'raw'),
      { op: 'MatMul', inputs: ['raw', 'both_ways'], outputs: ['halves'] },
      softmax('halves'),
    ],
    initializers: [{ name: 'both_ways', shape: [1, 2], data: Float32Array.of(-0.5, 0.5) }],
    scores: 'scores',
  };
};

const whatIsKnown = ({ trees, rounds, gains }: BoostedTrees) => {
  const all = gains.reduce((sum, gain) => sum + gain, 0);
  return {
    facts: { rounds, nodes: trees.reduce((sum, { feature }) => sum + feature.length, 0) },
    importances: all > 0 ? gains.map((gain) => gain / all) : gains,
  };
};
