import { ML_DOMAIN } from '#onnx';
import { classifierGraph, FEATURES, PROBABILITIES } from './classifier-graph.js';
import type { DecisionTree } from './decision-tree.js';
import type { Labels } from './labels.js';

/**
 * A forest as a TreeEnsembleRegressor with a target per class. The average is asked of the operator, with whole leaf shares as weights:
 * shares divided by the number of trees beforehand would add up a rounding error with each tree.
 */
export const randomForestGraph = (
  trees: readonly DecisionTree[],
  featureCount: number,
  classes: Labels,
): Uint8Array => {
  const columns = nodeColumns(trees);
  const targets = targetColumns(trees, classes.length);
  return classifierGraph(
    {
      name: 'random-forest',
      nodes: [
        {
          op: 'TreeEnsembleRegressor',
          domain: ML_DOMAIN,
          inputs: [FEATURES],
          outputs: [PROBABILITIES],
          attributes: {
            nodes_treeids: { ints: columns.tree },
            nodes_nodeids: { ints: columns.node },
            nodes_featureids: { ints: columns.feature },
            nodes_values: { floats: columns.threshold },
            nodes_modes: { strings: columns.mode },
            nodes_truenodeids: { ints: columns.left },
            nodes_falsenodeids: { ints: columns.right },
            target_treeids: { ints: targets.tree },
            target_nodeids: { ints: targets.node },
            target_ids: { ints: targets.id },
            target_weights: { floats: targets.weight },
            n_targets: { int: classes.length },
            aggregate_function: { string: 'AVERAGE' },
            post_transform: { string: 'NONE' },
          },
        },
      ],
    },
    featureCount,
    classes,
  );
};

const nodeColumns = (trees: readonly DecisionTree[]) => {
  const count = trees.reduce((sum, { feature }) => sum + feature.length, 0);
  const columns = {
    tree: new Int32Array(count),
    node: new Int32Array(count),
    feature: new Int32Array(count),
    threshold: new Float32Array(count),
    mode: new Array<string>(count),
    left: new Int32Array(count),
    right: new Int32Array(count),
  };
  let place = 0;
  trees.forEach((tree, treeId) => {
    for (let node = 0; node < tree.feature.length; node++, place++) {
      const isLeaf = tree.feature[node] < 0;
      columns.tree[place] = treeId;
      columns.node[place] = node;
      columns.mode[place] = isLeaf ? 'LEAF' : 'BRANCH_LEQ';
      if (isLeaf) continue;
      columns.feature[place] = tree.feature[node];
      columns.threshold[place] = tree.threshold[node];
      columns.left[place] = tree.left[node];
      columns.right[place] = tree.right[node];
    }
  });
  return columns;
};

/** Every leaf weighs on every class; shares of zero are written, too, as runtimes differ in what a missing one means. */
const targetColumns = (trees: readonly DecisionTree[], classCount: number) => {
  const count = trees.reduce((sum, { probabilities }) => sum + probabilities.length, 0);
  const columns = {
    tree: new Int32Array(count),
    node: new Int32Array(count),
    id: new Int32Array(count),
    weight: new Float32Array(count),
  };
  let place = 0;
  trees.forEach((tree, treeId) => {
    for (let node = 0; node < tree.feature.length; node++) {
      if (tree.feature[node] >= 0) continue;
      for (let id = 0; id < classCount; id++, place++) {
        columns.tree[place] = treeId;
        columns.node[place] = node;
        columns.id[place] = id;
        columns.weight[place] = tree.probabilities[tree.left[node] + id];
      }
    }
  });
  return columns;
};
