import { ML_DOMAIN, type GraphNode } from '#onnx';
import type { DecisionTree } from './decision-tree.js';

export interface TreeEnsemble {
  trees: readonly DecisionTree[];
  /** Values of a leaf. */
  width: number;
  /** The target that the first value of a tree's leaves adds to. */
  targetOf: (tree: number) => number;
  targets: number;
  /** Averages are asked of the operator: leaf values divided by the number of trees beforehand would add up a rounding error with each tree. */
  aggregate: 'AVERAGE' | 'SUM';
  /** Added to each target. */
  base?: ArrayLike<number>;
}

/** Trees as one TreeEnsembleRegressor, from a float tensor of rows to a float tensor of a value per target. */
export const treeEnsembleNode = (ensemble: TreeEnsemble, input: string, output: string): GraphNode => {
  const columns = nodeColumns(ensemble.trees);
  const weights = targetColumns(ensemble);
  return {
    op: 'TreeEnsembleRegressor',
    domain: ML_DOMAIN,
    inputs: [input],
    outputs: [output],
    attributes: {
      nodes_treeids: { ints: columns.tree },
      nodes_nodeids: { ints: columns.node },
      nodes_featureids: { ints: columns.feature },
      nodes_values: { floats: columns.threshold },
      nodes_modes: { strings: columns.mode },
      nodes_truenodeids: { ints: columns.left },
      nodes_falsenodeids: { ints: columns.right },
      nodes_missing_value_tracks_true: { ints: columns.missingLeft },
      target_treeids: { ints: weights.tree },
      target_nodeids: { ints: weights.node },
      target_ids: { ints: weights.id },
      target_weights: { floats: weights.weight },
      n_targets: { int: ensemble.targets },
      ...(ensemble.base !== undefined && { base_values: { floats: ensemble.base } }),
      aggregate_function: { string: ensemble.aggregate },
      post_transform: { string: 'NONE' },
    },
  };
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
    missingLeft: new Uint8Array(count),
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
      columns.missingLeft[place] = tree.missingLeft[node];
    }
  });
  return columns;
};

/** All values of every leaf are written, zeros too, as runtimes differ in what a missing one means. */
const targetColumns = ({ trees, width, targetOf }: TreeEnsemble) => {
  const count = trees.reduce((sum, { values }) => sum + values.length, 0);
  const columns = {
    tree: new Int32Array(count),
    node: new Int32Array(count),
    id: new Int32Array(count),
    weight: new Float32Array(count),
  };
  let place = 0;
  trees.forEach((tree, treeId) => {
    const first = targetOf(treeId);
    for (let node = 0; node < tree.feature.length; node++) {
      if (tree.feature[node] >= 0) continue;
      for (let index = 0; index < width; index++, place++) {
        columns.tree[place] = treeId;
        columns.node[place] = node;
        columns.id[place] = first + index;
        columns.weight[place] = tree.values[tree.left[node] + index];
      }
    }
  });
  return columns;
};
