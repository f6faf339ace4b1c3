import { ML_DOMAIN, writeModel } from '#onnx';

/** What all models made here are called by. */
export const INPUT = 'features';
export const OUTPUT = 'scores';

/** Numbers that are the same in every run; each seed has its own. */
const random = (seed: number): (() => number) => {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** The smallest model: 4 columns times a matrix of its own. */
export const smallModel = (weight: number): Uint8Array<ArrayBuffer> =>
  writeModel({
    name: 'small',
    inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: OUTPUT, datatype: 'FP32', shape: [-1, 2] }],
    nodes: [{ op: 'MatMul', inputs: [INPUT, 'w'], outputs: [OUTPUT] }],
    initializers: [{ name: 'w', shape: [4, 2], data: new Float32Array(8).fill(weight) }],
  });

export interface ForestShape {
  trees: number;
  /** Every tree is full: 2 ** depth leaves. */
  depth: number;
  columns: number;
  seed: number;
}

/** A forest of full trees; 165 trees of depth 10 are 8 MB, 100 of depth 4 are 80 kB as the forest on iris is. */
export const forestModel = ({ trees, depth, columns, seed }: ForestShape): Uint8Array<ArrayBuffer> => {
  const next = random(seed);
  const [branches, nodes] = [2 ** depth - 1, 2 ** (depth + 1) - 1];
  const count = trees * nodes;
  const each = <T>(value: (node: number) => T): T[] => Array.from({ length: count }, (_, at) => value(at % nodes));
  const leaves = Array.from({ length: trees * (branches + 1) }, (_, at) => at);
  return writeModel({
    name: 'forest',
    inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, columns] }],
    outputs: [{ name: OUTPUT, datatype: 'FP32', shape: [-1, 1] }],
    nodes: [
      {
        op: 'TreeEnsembleRegressor',
        domain: ML_DOMAIN,
        inputs: [INPUT],
        outputs: [OUTPUT],
        attributes: {
          nodes_treeids: { ints: Array.from({ length: count }, (_, at) => Math.floor(at / nodes)) },
          nodes_nodeids: { ints: each((node) => node) },
          nodes_featureids: { ints: each((node) => (node < branches ? Math.floor(next() * columns) : 0)) },
          nodes_values: { floats: each((node) => (node < branches ? next() * 2 - 1 : 0)) },
          nodes_modes: { strings: each((node) => (node < branches ? 'BRANCH_LEQ' : 'LEAF')) },
          nodes_truenodeids: { ints: each((node) => (node < branches ? 2 * node + 1 : 0)) },
          nodes_falsenodeids: { ints: each((node) => (node < branches ? 2 * node + 2 : 0)) },
          target_treeids: { ints: leaves.map((at) => Math.floor(at / (branches + 1))) },
          target_nodeids: { ints: leaves.map((at) => branches + (at % (branches + 1))) },
          target_ids: { ints: leaves.map(() => 0) },
          target_weights: { floats: leaves.map(() => next()) },
          n_targets: { int: 1 },
          aggregate_function: { string: 'AVERAGE' },
          post_transform: { string: 'NONE' },
        },
      },
    ],
  });
};
