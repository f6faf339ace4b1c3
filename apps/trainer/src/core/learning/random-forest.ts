import { PlatformError } from '#runtime';
import { binFeatures } from './binned-features.js';
import { leafOf, type DecisionTree } from './decision-tree.js';
import { TreeGrower } from './grow-tree.js';
import { randomForestGraph } from './random-forest-graph.js';
import type { FitProgress, FittedModel, TrainingData } from './recipe.js';
import { Rng } from './rng.js';

/** scikit-learn's names. */
export type RandomForestParameters = Readonly<{
  n_estimators: number;
  max_depth: number | null;
  random_state: number;
}>;

/** Nodes and leaf probabilities over all trees: about 150 MB of file. Unlimited trees on 100,000 noisy rows would make 12 million nodes. */
export const FOREST_BUDGET = 6_000_000;

const FIRST_TREE_STREAM = 1_000;

/**
 * A forest of classification trees (Breiman 2001) with scikit-learn's defaults: Gini impurity, √features tried at each split, a bootstrap
 * sample for each tree, the mean of the leaves' class shares as probabilities.
 * @throws PlatformError PARAMETER_INVALID when the forest grows beyond the budget.
 */
export const fitRandomForest = (
  data: TrainingData,
  { n_estimators, max_depth, random_state }: RandomForestParameters,
  onProgress?: FitProgress,
  budget = FOREST_BUDGET,
): FittedModel => {
  const { rows, labels, featureCount, classCount } = data;
  const grower = new TreeGrower(binFeatures(rows, labels.length, featureCount), labels, {
    classCount,
    maxDepth: max_depth,
    featuresPerSplit: Math.max(1, Math.floor(Math.sqrt(featureCount))),
  });
  const trees: DecisionTree[] = [];
  let nodes = 0;
  let size = 0;
  for (let index = 0; index < n_estimators; index++) {
    const tree = grower.grow(new Rng(random_state, FIRST_TREE_STREAM + index));
    trees.push(tree);
    nodes += tree.feature.length;
    size += tree.feature.length + tree.probabilities.length;
    if (size > budget)
      throw new PlatformError(
        'PARAMETER_INVALID',
        `The forest has ${String(nodes)} nodes after ${String(index + 1)} of ${String(n_estimators)} trees, more than a model may hold; ` +
          `set max_depth or lower n_estimators.`,
      );
    onProgress?.(index + 1, n_estimators);
  }
  return {
    probabilities: (asked) => forestProbabilities(trees, asked, featureCount, classCount),
    toOnnx: (classes) => randomForestGraph(trees, featureCount, classes),
    facts: { nodes },
  };
};

const forestProbabilities = (
  trees: readonly DecisionTree[],
  rows: Float32Array,
  featureCount: number,
  classCount: number,
): Float64Array => {
  const rowCount = rows.length / featureCount;
  const sums = new Float64Array(rowCount * classCount);
  for (let row = 0; row < rowCount; row++)
    for (const tree of trees) {
      const leaf = leafOf(tree, rows, row * featureCount);
      for (let id = 0; id < classCount; id++) sums[row * classCount + id] += tree.probabilities[leaf + id];
    }
  return sums.map((sum) => sum / trees.length);
};
