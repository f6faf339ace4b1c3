import { ML_DOMAIN, writeModel } from '#onnx';

/** A tree that is one long branch: onnxruntime walks it by calling itself, and a thread's stack has an end. */
export const deadlyModel = (depth: number): Uint8Array => {
  // Nodes 0 to depth - 1 branch: true leads to a leaf of its own, false to the next one. The last one's two are leaves.
  const [branches, leaves] = [depth, depth + 1];
  const nodes = branches + leaves;
  const each = <T>(value: (node: number) => T): T[] => Array.from({ length: nodes }, (_, node) => value(node));
  const isBranch = (node: number): boolean => node < branches;
  return writeModel({
    name: 'one long branch',
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 1] }],
    nodes: [
      {
        op: 'TreeEnsembleRegressor',
        domain: ML_DOMAIN,
        inputs: ['features'],
        outputs: ['probabilities'],
        attributes: {
          nodes_treeids: { ints: each(() => 0) },
          nodes_nodeids: { ints: each((node) => node) },
          nodes_featureids: { ints: each((node) => (isBranch(node) ? node % 2 : 0)) },
          nodes_values: { floats: each((node) => (isBranch(node) ? -node : 0)) },
          nodes_modes: { strings: each((node) => (isBranch(node) ? 'BRANCH_LEQ' : 'LEAF')) },
          nodes_truenodeids: { ints: each((node) => (isBranch(node) ? branches + node : 0)) },
          nodes_falsenodeids: {
            ints: each((node) => (isBranch(node) ? (node + 1 < branches ? node + 1 : nodes - 1) : 0)),
          },
          target_treeids: { ints: Array.from({ length: leaves }, () => 0) },
          target_nodeids: { ints: Array.from({ length: leaves }, (_, leaf) => branches + leaf) },
          target_ids: { ints: Array.from({ length: leaves }, () => 0) },
          target_weights: { floats: Array.from({ length: leaves }, (_, leaf) => leaf) },
          n_targets: { int: 1 },
          aggregate_function: { string: 'SUM' },
          post_transform: { string: 'NONE' },
        },
      },
    ],
  });
};
