import { leafOf, type DecisionTree } from './decision-tree.js';
import { drawWeights } from './forest-tree.js';
import { treeRng, type ForestInput } from './grow-trees.js';

/** Share of the rows that the trees which did not learn from them name rightly; rows that every tree saw are left out. */
export const outOfBagAccuracy = (
  trees: readonly DecisionTree[],
  input: ForestInput,
  { rows, labels, classCount }: { rows: Float32Array; labels: Int32Array; classCount: number },
): number => {
  const { sums, seenBy } = unseenSums(trees, input, rows, classCount);
  let right = 0;
  let counted = 0;
  for (let row = 0; row < labels.length; row++) {
    if (seenBy[row] === 0) continue;
    counted++;
    let best = 0;
    for (let id = 1; id < classCount; id++) if (sums[row * classCount + id] > sums[row * classCount + best]) best = id;
    if (best === labels[row]) right++;
  }
  return counted === 0 ? NaN : right / counted;
};

/** R² of what the trees say of rows that they did not learn from. */
export const outOfBagR2 = (
  trees: readonly DecisionTree[],
  input: ForestInput,
  { rows, targets }: { rows: Float32Array; targets: Float64Array },
): number => {
  const { sums, seenBy } = unseenSums(trees, input, rows, 1);
  const asked = Int32Array.from(seenBy.keys()).filter((row) => seenBy[row] > 0);
  const mean = asked.reduce((sum, row) => sum + targets[row], 0) / asked.length;
  const residual = asked.reduce((sum, row) => sum + (targets[row] - sums[row] / seenBy[row]) ** 2, 0);
  const spread = asked.reduce((sum, row) => sum + (targets[row] - mean) ** 2, 0);
  return spread === 0 ? NaN : 1 - residual / spread;
};

/** Sums over the trees that did not draw a row, and how many those are. Samples are drawn again rather than kept: a seed repeats them. */
const unseenSums = (
  trees: readonly DecisionTree[],
  { seed, growth, features: { rowCount, featureCount } }: ForestInput,
  rows: Float32Array,
  width: number,
) => {
  const sums = new Float64Array(rowCount * width);
  const seenBy = new Int32Array(rowCount);
  const weights = new Int32Array(rowCount);
  trees.forEach((tree, index) => {
    drawWeights(weights, growth.bootstrap, treeRng(seed, index));
    for (let row = 0; row < rowCount; row++) {
      if (weights[row] > 0) continue;
      seenBy[row]++;
      const leaf = leafOf(tree, rows, row * featureCount);
      for (let place = 0; place < width; place++) sums[row * width + place] += tree.values[leaf + place];
    }
  });
  return { sums, seenBy };
};
