import { thresholdOf } from './binned-features.js';
import type { BoostingCrew } from './boosting-crew.js';
import type { Slopes } from './boosting-loss.js';
import { FOUND, rowUnitOf, TASK, type BoostingMemory } from './boosting-memory.js';
import { TreeBuilder, type DecisionTree } from './decision-tree.js';

export interface LeafWiseOptions {
  /** Null: no bound. */
  maxLeafNodes: number | null;
  maxDepth: number | null;
  minSamplesLeaf: number;
  l2: number;
  learningRate: number;
}

/** A stretch of the rows, and what the tree says of them. */
export interface Leaf {
  start: number;
  end: number;
  value: number;
}

interface Sums extends Slopes {
  count: number;
}

interface Split {
  feature: number;
  bin: number;
  /** Undefined where no row of the node misses the value. */
  missingLeft?: boolean;
  gain: number;
  left: Sums;
}

interface Node extends Sums {
  id: number;
  start: number;
  end: number;
  depth: number;
  /** Its histograms' place; -1 when it will not be split. */
  slot: number;
  split?: Split;
}

/**
 * Histograms that are kept at a time: one for each open leaf. Where all leaves are split, each that waits has as many rows as those that are
 * taken before it together.
 */
export const histogramsOf = (maxLeafNodes: number | null, rowCount: number): number =>
  maxLeafNodes ?? Math.ceil(Math.log2(rowCount + 1)) + 2;

/** Grows trees of one boosting, best leaf first: each split is that of the open leaf which gains most by it. */
export class LeafWiseGrower {
  private readonly free: number[] = [];

  constructor(
    private readonly memory: BoostingMemory,
    private readonly crew: BoostingCrew,
    private readonly options: LeafWiseOptions,
    /** What the splits by each feature gained, over all trees. */
    private readonly gains: Float64Array,
  ) {
    for (let slot = histogramsOf(options.maxLeafNodes, memory.rows.length) - 1; slot >= 0; slot--) this.free.push(slot);
  }

  /** Grows a tree from the gradients and hessians in memory, which lie in the rows' own order and come to `slopes`. */
  grow(slopes: Slopes): { tree: DecisionTree; leaves: Leaf[] } {
    const { memory, options } = this;
    for (let row = 0; row < memory.rows.length; row++) memory.rows[row] = row;
    const builder = new TreeBuilder();
    const count = memory.rows.length;
    const root: Node = { id: builder.node(), start: 0, end: count, depth: 0, slot: -1, count, ...slopes };
    memory.task[TASK.rowUnit] = rowUnitOf(root.hessian);
    this.searchRoot(root);
    const { maxLeafNodes } = options;
    const ends = maxLeafNodes === null ? this.divideAll(root, builder) : this.divideBest(root, builder, maxLeafNodes);
    const leaves = ends.map((node) => {
      this.release(node);
      // As the graph holds it: what is learnt next starts from what will be said.
      const value = Math.fround((-options.learningRate * node.gradient) / (node.hessian + options.l2 + 1e-15));
      builder.leaf(node.id, [value]);
      return { start: node.start, end: node.end, value };
    });
    return { tree: builder.build(), leaves };
  }

  private divideBest(root: Node, builder: TreeBuilder, most: number): Node[] {
    const open = [root];
    while (open.length < most) {
      const best = mostGain(open);
      if (best === undefined) break;
      open.splice(open.indexOf(best), 1, ...this.divide(best, builder, open.length + 1 === most));
    }
    return open;
  }

  /** Whatever the order, the tree is the same; of two children the smaller one is taken first, so that few nodes wait with a histogram. */
  private divideAll(root: Node, builder: TreeBuilder): Node[] {
    const leaves: Node[] = [];
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop())
      if (node.split === undefined) leaves.push(node);
      else open.push(...this.divide(node, builder, false).sort((a, b) => b.count - a.count));
    return leaves;
  }

  private searchRoot(root: Node): void {
    if (!this.mayGrow(root)) return;
    root.slot = this.take();
    this.ask(root, undefined);
    root.split = this.bestSplit(root, 0);
  }

  /** Splits a node and looks for the best splits of its children, unless the tree is full with them. */
  private divide(node: Node, builder: TreeBuilder, isLast: boolean): [Node, Node] {
    const { split } = node;
    if (split === undefined) throw new Error('A node without a split is not divided.');
    const middle = this.partition(node, split);
    const goLeft = split.missingLeft ?? middle - node.start >= node.end - middle;
    const edges = this.memory.features.edges[split.feature];
    const [leftId, rightId] = builder.branch(node.id, split.feature, thresholdOf(edges, split.bin), goLeft);
    this.gains[split.feature] += split.gain;
    const depth = node.depth + 1;
    const left: Node = { id: leftId, start: node.start, end: middle, depth, slot: -1, ...split.left };
    const right: Node = { id: rightId, start: middle, end: node.end, depth, slot: -1, ...rest(node, split.left) };
    if (isLast) this.release(node);
    else this.searchChildren(node, left, right);
    return [left, right];
  }

  /** The larger child gets its parent's histograms, less those of the smaller one: only the smaller one's rows are counted. */
  private searchChildren(parent: Node, left: Node, right: Node): void {
    const [small, large] = left.count <= right.count ? [left, right] : [right, left];
    if (!this.mayGrow(large)) {
      this.release(parent);
      return;
    }
    large.slot = parent.slot;
    small.slot = this.take();
    this.ask(small, large);
    large.split = this.bestSplit(large, 1);
    if (this.mayGrow(small)) small.split = this.bestSplit(small, 0);
    // A leaf that stays one needs its histograms no more.
    for (const child of [small, large]) if (child.split === undefined) this.release(child);
  }

  private ask(small: Node, large: Node | undefined): void {
    const { task } = this.memory;
    task[TASK.start] = small.start;
    task[TASK.end] = small.end;
    [small, large].forEach((node, place) => {
      task[TASK.slots + place] = node?.slot ?? -1;
      if (node !== undefined) task.set([node.gradient, node.hessian, node.count], TASK.sums + 3 * place);
    });
    this.crew.search(small.end - small.start);
  }

  /** The best of what was found for the smaller (0) or larger (1) node, the first of equals. */
  private bestSplit(node: Node, place: 0 | 1): Split | undefined {
    const { found, features } = this.memory;
    const at = (feature: number): number => (place * features.featureCount + feature) * FOUND.size;
    let best = 0;
    for (let feature = 1; feature < features.featureCount; feature++)
      if (found[at(feature) + FOUND.gain] > found[at(best) + FOUND.gain]) best = feature;
    const told = found.subarray(at(best), at(best) + FOUND.size);
    if (!(told[FOUND.gain] > 0)) return undefined;
    return {
      feature: best,
      bin: told[FOUND.bin],
      missingLeft: told[FOUND.missingLeft] < 0 ? undefined : told[FOUND.missingLeft] === 1,
      gain: told[FOUND.gain],
      left: { gradient: told[FOUND.gradient], hessian: told[FOUND.hessian], count: told[FOUND.count] },
    };
  }

  private mayGrow({ count, depth }: Node): boolean {
    const { maxDepth, minSamplesLeaf } = this.options;
    return count >= 2 * minSamplesLeaf && (maxDepth === null || depth < maxDepth);
  }

  /** Moves the rows that go left before the others, with their gradients. @returns where the others begin */
  private partition({ start, end }: Node, { feature, bin, missingLeft }: Split): number {
    const { task } = this.memory;
    [task[TASK.start], task[TASK.end]] = [start, end];
    [task[TASK.feature], task[TASK.bin], task[TASK.missingLeft]] = [feature, bin, missingLeft === true ? 1 : 0];
    return this.crew.divide(end - start);
  }

  private take(): number {
    const slot = this.free.pop();
    if (slot === undefined) throw new Error('There are more open leaves than histograms.');
    return slot;
  }

  private release(node: Node): void {
    if (node.slot >= 0) this.free.push(node.slot);
    node.slot = -1;
  }
}

const rest = (node: Sums, left: Sums): Sums => ({
  gradient: node.gradient - left.gradient,
  hessian: node.hessian - left.hessian,
  count: node.count - left.count,
});

const mostGain = (open: readonly Node[]): Node | undefined => {
  let best: Node | undefined;
  for (const node of open) if (node.split !== undefined && node.split.gain > (best?.split?.gain ?? 0)) best = node;
  return best;
};
