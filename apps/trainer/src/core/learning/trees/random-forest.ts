import { PlatformError } from '#runtime';
import type { ClassifierData, FitContext, FittedModel, RegressorData } from '../learner.js';
import { binFeatures } from './binned-features.js';
import { leafOf, type DecisionTree } from './decision-tree.js';
import type { GrowthOptions } from './forest-tree.js';
import { growTrees, type ForestInput, type IndexedTree } from './grow-trees.js';
import { outOfBagAccuracy, outOfBagR2 } from './out-of-bag.js';
import { treeEnsembleNode } from './tree-ensemble-graph.js';

/** scikit-learn's names. */
export type RandomForestParameters<Criterion extends string> = Readonly<{
  n_estimators: number;
  criterion: Criterion;
  max_depth: number | null;
  /** Rows, or a share of them when below 1. */
  min_samples_split: number;
  min_samples_leaf: number;
  /** Features, or a share of them when below 1; null: all. */
  max_features: 'sqrt' | 'log2' | number | null;
  bootstrap: boolean;
  oob_score: boolean;
  random_state: number;
}>;
export type ForestClassifierParameters = RandomForestParameters<'gini' | 'entropy' | 'log_loss'>;
export type ForestRegressorParameters = RandomForestParameters<
  'squared_error' | 'friedman_mse' | 'absolute_error' | 'poisson'
>;

/** Nodes and leaf values over all trees: about 150 MB of file. Unlimited trees on 100,000 noisy rows would make 12 million nodes. */
export const FOREST_BUDGET = 6_000_000;
/** Rows × features looked at; below that a thread takes longer to start than it saves. */
const WORTH_THREADS = 2_000_000;

/**
 * A forest of classification trees (Breiman 2001) with scikit-learn's defaults: a bootstrap sample for each tree, √features tried at each
 * split, the mean of the leaves' class shares as probabilities.
 * @throws PlatformError PARAMETER_INVALID when the forest grows beyond the budget.
 */
export const fitForestClassifier = async (
  { rows, labels, featureCount, classCount }: ClassifierData,
  parameters: ForestClassifierParameters,
  context: FitContext = {},
  budget = FOREST_BUDGET,
): Promise<FittedModel> => {
  const input = forestInput({ rows, featureCount, rowCount: labels.length }, parameters, {
    kind: 'classes',
    labels: shared(labels, Int32Array),
    classCount,
    criterion: parameters.criterion === 'gini' ? 'gini' : 'entropy',
  });
  const forest = await growForest(input, context, budget);
  const trees = forest.map(({ tree }) => tree);
  return {
    kind: 'classifier',
    ...forestModel(trees, featureCount, classCount),
    facts: { nodes: nodesOf(trees) },
    ...(parameters.oob_score && outOfBag(outOfBagAccuracy(trees, input, { rows, labels, classCount }))),
    importances: importancesOf(forest, featureCount),
  };
};

/** A forest of regression trees with scikit-learn's defaults: a bootstrap sample for each tree, all features tried, the mean of the leaves. */
export const fitForestRegressor = async (
  { rows, targets, featureCount }: RegressorData,
  parameters: ForestRegressorParameters,
  context: FitContext = {},
  budget = FOREST_BUDGET,
): Promise<FittedModel> => {
  // Friedman's measure orders the splits of a node as the squared error does.
  const criterion = parameters.criterion === 'friedman_mse' ? 'squared_error' : parameters.criterion;
  if (criterion === 'poisson') checkCounts(targets);
  // Trees tell how far from it a value is: sums of large values would be rounded in float32, and squares of them in float64.
  const base = Math.fround(targets.reduce((sum, target) => sum + target, 0) / targets.length);
  const fromBase = targets.map((target) => target - base);
  const input = forestInput({ rows, featureCount, rowCount: targets.length }, parameters, {
    kind: 'values',
    criterion,
    ...(criterion === 'poisson'
      ? { targets: shared(targets, Float64Array), base }
      : { targets: shared(fromBase, Float64Array), base: 0 }),
  });
  const forest = await growForest(input, context, budget);
  const trees = forest.map(({ tree }) => tree);
  return {
    kind: 'regressor',
    ...above(base, forestModel(trees, featureCount, 1)),
    facts: { nodes: nodesOf(trees) },
    ...(parameters.oob_score && outOfBag(outOfBagR2(trees, input, { rows, targets: fromBase }))),
    importances: importancesOf(forest, featureCount),
  };
};

const checkCounts = (targets: Float64Array): void => {
  if (targets.some((target) => target < 0) || targets.every((target) => target === 0))
    throw new PlatformError(
      'PARAMETER_INVALID',
      'criterion "poisson" is for targets of 0 and above that are not all 0; take "squared_error".',
    );
};

/** A metric, as `oob_score` is the name of the parameter already; none when every tree saw every row. */
const outOfBag = (score: number) => ({ metrics: { ...(Number.isFinite(score) && { oob_score: score }) } });

const forestInput = (
  { rows, featureCount, rowCount }: { rows: Float32Array; featureCount: number; rowCount: number },
  parameters: RandomForestParameters<string>,
  target: ForestInput['target'],
): ForestInput => {
  if (parameters.oob_score && !parameters.bootstrap)
    throw new PlatformError(
      'PARAMETER_INVALID',
      'oob_score needs bootstrap: without it every tree has seen every row.',
    );
  const growth: GrowthOptions = {
    maxDepth: parameters.max_depth,
    minSamplesSplit: rowsOf(parameters.min_samples_split, rowCount),
    minSamplesLeaf: rowsOf(parameters.min_samples_leaf, rowCount),
    featuresPerSplit: featuresPerSplit(parameters.max_features, featureCount),
    bootstrap: parameters.bootstrap,
  };
  return {
    features: binFeatures(rows, rowCount, featureCount),
    target,
    growth,
    seed: parameters.random_state,
    trees: parameters.n_estimators,
    next: new Int32Array(new SharedArrayBuffer(4)),
  };
};

const rowsOf = (given: number, rowCount: number): number => (given < 1 ? Math.ceil(given * rowCount) : given);

const featuresPerSplit = (given: 'sqrt' | 'log2' | number | null, featureCount: number): number => {
  if (given === null) return featureCount;
  const wanted =
    given === 'sqrt'
      ? Math.sqrt(featureCount)
      : given === 'log2'
        ? Math.log2(featureCount)
        : given < 1
          ? given * featureCount
          : given;
  return Math.max(1, Math.min(featureCount, Math.floor(wanted)));
};

const growForest = async (
  input: ForestInput,
  { onProgress, threads }: FitContext,
  budget: number,
): Promise<IndexedTree[]> => {
  const grown: IndexedTree[] = [];
  let size = 0;
  const keep = (tree: IndexedTree): void => {
    size += tree.tree.feature.length + tree.tree.values.length;
    if (size > budget) {
      Atomics.store(input.next, 0, input.trees);
      throw tooLarge(grown.length, input.trees);
    }
    grown.push(tree);
    onProgress?.(grown.length, input.trees);
  };
  const { features, growth, trees } = input;
  const work = features.rowCount * growth.featuresPerSplit * trees;
  if (threads === undefined || threads.cores < 2 || trees < 2 || work < WORTH_THREADS) growTrees(input, keep);
  else await threads.run('grow-trees', Math.min(threads.cores, trees), input, keep);
  return grown.sort((a, b) => a.index - b.index);
};

const tooLarge = (grown: number, of: number): PlatformError =>
  new PlatformError(
    'PARAMETER_INVALID',
    `The forest is larger than a model may be after ${String(grown + 1)} of ${String(of)} trees; set max_depth or min_samples_leaf, or lower n_estimators.`,
  );

const forestModel = (trees: readonly DecisionTree[], featureCount: number, width: number) => ({
  predict: (rows: Float32Array) => forestMeans(trees, rows, featureCount, width),
  graph: (features: string) => ({
    nodes: [
      treeEnsembleNode({ trees, width, targetOf: () => 0, targets: width, aggregate: 'AVERAGE' }, features, 'scores'),
    ],
    initializers: [],
    scores: 'scores',
  }),
});

const above = (base: number, model: Pick<FittedModel, 'predict' | 'graph'>): typeof model => ({
  predict: (rows) => model.predict(rows).map((value) => Math.fround(value + base)),
  graph: (features) => {
    const { nodes, initializers, scores } = model.graph(features);
    return {
      nodes: [...nodes, { op: 'Add', inputs: [scores, 'base'], outputs: ['values'] }],
      initializers: [...initializers, { name: 'base', shape: [1], data: Float32Array.of(base) }],
      scores: 'values',
    };
  },
});

/** Sums in float32, tree after tree, as the graph's operator has them: rounding is part of what it answers. */
const forestMeans = (
  trees: readonly DecisionTree[],
  rows: Float32Array,
  featureCount: number,
  width: number,
): Float64Array => {
  const rowCount = rows.length / featureCount;
  const sums = new Float32Array(rowCount * width);
  for (const tree of trees)
    for (let row = 0; row < rowCount; row++) {
      const leaf = leafOf(tree, rows, row * featureCount);
      for (let index = 0; index < width; index++) sums[row * width + index] += tree.values[leaf + index];
    }
  return Float64Array.from(sums, (sum) => Math.fround(sum / trees.length));
};

const nodesOf = (trees: readonly DecisionTree[]): number => trees.reduce((sum, { feature }) => sum + feature.length, 0);

/** The mean over the trees of each feature's share in what the splits gained. */
const importancesOf = (forest: readonly IndexedTree[], featureCount: number): Float64Array => {
  const sums = new Float64Array(featureCount);
  for (const { gains } of forest) {
    const all = gains.reduce((sum, gain) => sum + gain, 0);
    if (all > 0) gains.forEach((gain, feature) => (sums[feature] += gain / all));
  }
  const total = sums.reduce((sum, share) => sum + share, 0);
  return total > 0 ? sums.map((share) => share / total) : sums;
};

const shared = <T extends Int32Array | Float64Array>(values: T, type: new (buffer: SharedArrayBuffer) => T): T => {
  const copy = new type(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
};
