import { PlatformError } from '#runtime';
import type { FitContext } from '../learner.js';
import { binFeatures } from './binned-features.js';
import { BoostingCrew } from './boosting-crew.js';
import type { BoostingLoss } from './boosting-loss.js';
import { boostingMemory } from './boosting-memory.js';
import { leafOf, type DecisionTree } from './decision-tree.js';
import { histogramsOf, LeafWiseGrower, type Leaf } from './leaf-wise-tree.js';

export interface BoostingOptions {
  learningRate: number;
  rounds: number;
  /** Null: no bound. */
  maxLeafNodes: number | null;
  maxDepth: number | null;
  minSamplesLeaf: number;
  l2: number;
  /** Ends when so many rounds in a row have not lessened the loss by more than `tolerance`; absent: never before its rounds. */
  patience?: { rounds: number; tolerance: number };
}

export interface BoostedTrees {
  baseline: Float64Array;
  /** Round after round; in a round, target after target. */
  trees: DecisionTree[];
  rounds: number;
  /** What the splits by each feature gained. */
  gains: Float64Array;
}

export interface BoostingSample {
  rows: Float32Array;
  loss: BoostingLoss;
}

/** Nodes over all trees: about 150 MB of file. */
const BUDGET = 6_000_000;
/** Rows × features; below that a thread takes longer to start than it saves. */
const WORTH_THREADS = 200_000;
/** Rows whose loss is told after each round; those that decide when to stop are all looked at. */
const MOST_TOLD = 10_000;

/**
 * Gradient boosting of leaf-wise trees on histograms, as HistGradientBoosting and LightGBM do it: Newton steps on the loss's first two
 * derivatives, each tree damped by the learning rate.
 * @throws PlatformError PARAMETER_INVALID when the trees grow beyond what a model may hold.
 */
export const boost = (
  train: BoostingSample,
  validation: BoostingSample | undefined,
  featureCount: number,
  options: BoostingOptions,
  context: FitContext,
): BoostedTrees => {
  const { loss } = train;
  const rowCount = train.rows.length / featureCount;
  const { constantHessian } = loss;
  const helpers = rowCount * featureCount < WORTH_THREADS ? 0 : (context.threads?.cores ?? 1) - 1;
  const memory = boostingMemory(binFeatures(train.rows, rowCount, featureCount), {
    constantHessian,
    minSamplesLeaf: options.minSamplesLeaf,
    l2: options.l2,
    slots: histogramsOf(options.maxLeafNodes, rowCount),
    threads: helpers + 1,
  });
  const crew = new BoostingCrew(memory);
  if (helpers > 0)
    // It is not waited for while trees grow; a helper that dies is noticed by the crew, which then has to do without its answer.
    context.threads?.run('help-boosting', helpers, memory, () => undefined).catch(() => undefined);
  try {
    const gains = new Float64Array(featureCount);
    const grower = new LeafWiseGrower(memory, crew, options, gains);
    const baseline = loss.baseline();
    const scores = startScores(baseline, rowCount);
    const unseen = validation && new Validation(validation, baseline, featureCount);
    const trees: DecisionTree[] = [];
    // That of the baseline comes first, as in scikit-learn.
    const losses = [unseen?.mean() ?? loss.mean(scores, MOST_TOLD)];
    let round = 0;
    while (round < options.rounds && !hasStalled(losses, options.patience)) {
      loss.beginRound(scores);
      for (let target = 0; target < loss.targets; target++) {
        const { tree, leaves } = grower.grow(loss.slopes(scores, target, memory.gradients, memory.hessians));
        const own = scores.subarray(target * rowCount, (target + 1) * rowCount);
        for (const leaf of leaves) addTo(own, memory.rows, leaf);
        unseen?.add(tree, target);
        trees.push(tree);
      }
      checkBudget(trees, ++round, options.rounds);
      const train_loss = loss.mean(scores, MOST_TOLD);
      const validation_loss = unseen?.mean();
      losses.push(validation_loss ?? train_loss);
      context.onProgress?.(round, options.rounds, {
        train_loss,
        ...(validation_loss !== undefined && { validation_loss }),
      });
    }
    return { baseline, trees, rounds: round, gains };
  } finally {
    crew.stop();
  }
};

const addTo = (scores: Float64Array, rows: Int32Array, { start, end, value }: Leaf): void => {
  for (let place = start; place < end; place++) scores[rows[place]] += value;
};

/** Scores of rows that no tree is grown on, kept up round by round. */
class Validation {
  private readonly scores: Float64Array;
  private readonly rowCount: number;

  constructor(
    private readonly sample: BoostingSample,
    baseline: Float64Array,
    private readonly featureCount: number,
  ) {
    this.rowCount = sample.rows.length / featureCount;
    this.scores = startScores(baseline, this.rowCount);
  }

  add(tree: DecisionTree, target: number): void {
    for (let row = 0; row < this.rowCount; row++)
      this.scores[target * this.rowCount + row] += tree.values[leafOf(tree, this.sample.rows, row * this.featureCount)];
  }

  mean(): number {
    return this.sample.loss.mean(this.scores);
  }
}

const startScores = (baseline: Float64Array, rowCount: number): Float64Array => {
  const scores = new Float64Array(baseline.length * rowCount);
  baseline.forEach((score, target) => scores.fill(score, target * rowCount, (target + 1) * rowCount));
  return scores;
};

/** Whether none of the last rounds is better than the one before them: scikit-learn's rule. */
const hasStalled = (losses: readonly number[], patience: BoostingOptions['patience']): boolean => {
  if (patience === undefined || losses.length <= patience.rounds) return false;
  const before = losses[losses.length - 1 - patience.rounds];
  return losses.slice(-patience.rounds).every((loss) => loss >= before - patience.tolerance);
};

const checkBudget = (trees: readonly DecisionTree[], round: number, of: number): void => {
  const nodes = trees.reduce((sum, { feature }) => sum + feature.length, 0);
  if (nodes > BUDGET)
    throw new PlatformError(
      'PARAMETER_INVALID',
      `The model has ${String(nodes)} nodes after ${String(round)} of ${String(of)} rounds, more than it may hold; lower max_iter or max_leaf_nodes, or raise min_samples_leaf.`,
    );
};
