import type { BinnedFeatures } from './binned-features.js';
import type { ClassTarget } from './class-splits.js';
import { TreeGrower, type GrowthOptions, type GrownTree } from './forest-tree.js';
import { Rng } from '../rng.js';
import type { ValueTarget } from './value-splits.js';

/** A forest to be grown by one thread, or by several that share the memory of all large arrays. */
export interface ForestInput {
  features: BinnedFeatures;
  target: ClassTarget | ValueTarget;
  growth: GrowthOptions;
  seed: number;
  trees: number;
  /** One number: the first tree that nobody has begun. Set beyond the last to stop everybody. */
  next: Int32Array;
}

export interface IndexedTree extends GrownTree {
  index: number;
}

const FIRST_TREE_STREAM = 1_000;

/** What is random in a tree depends on the seed and its index, so that it does not matter who grows it. */
export const treeRng = (seed: number, index: number): Rng => new Rng(seed, FIRST_TREE_STREAM + index);

/** Grows trees that nobody has begun, until there are none. */
export const growTrees = (input: ForestInput, tell: (grown: IndexedTree) => void): void => {
  const grower = new TreeGrower(input.features, input.target, input.growth);
  for (;;) {
    const index = Atomics.add(input.next, 0, 1);
    if (index >= input.trees) return;
    tell({ index, ...grower.grow(treeRng(input.seed, index)) });
  }
};
