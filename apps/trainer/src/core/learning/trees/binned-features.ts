import { ColumnSorter, type SortedColumn } from './column-sorter.js';
import { ABOVE_ALL } from './decision-tree.js';

/** Features cut into at most 255 bins each, so that a split is found by counting instead of by sorting; one bin more is for what is missing. */
export interface BinnedFeatures {
  rowCount: number;
  featureCount: number;
  /** Feature after feature, in shared memory: the bin of row `r` in feature `f` is at `f * rowCount + r`. */
  bins: Uint8Array;
  /** Per feature, ascending: a value is in bin `b` when it is at most `edges[b]` and above the edge before. */
  edges: Float32Array[];
  /** 1 for a feature with missing values. */
  hasMissing: Uint8Array;
}

export const MOST_BINS = 255;
/** The bin of missing values, whatever number of bins a feature has. */
export const MISSING = 255;

/** Features with few values get an edge between each two of them, as an exact search would; others are cut at quantiles. */
export const binFeatures = (rows: Float32Array, rowCount: number, featureCount: number): BinnedFeatures => {
  const bins = new Uint8Array(new SharedArrayBuffer(rowCount * featureCount)).fill(MISSING);
  const edges: Float32Array[] = [];
  const hasMissing = new Uint8Array(featureCount);
  const sorter = new ColumnSorter(rows, featureCount);
  for (let feature = 0; feature < featureCount; feature++) {
    const sorted = sorter.sort(feature);
    hasMissing[feature] = sorted.rows.length < rowCount ? 1 : 0;
    const cuts = edgesOf(sorted.values);
    putIntoBins(sorted, cuts, bins.subarray(feature * rowCount, (feature + 1) * rowCount));
    edges.push(cuts);
  }
  return { rowCount, featureCount, bins, edges, hasMissing };
};

const putIntoBins = ({ values, rows }: SortedColumn, cuts: Float32Array, bins: Uint8Array): void => {
  let bin = 0;
  for (let place = 0; place < values.length; place++) {
    while (bin < cuts.length && values[place] > cuts[bin]) bin++;
    bins[rows[place]] = bin;
  }
};

/** The threshold that puts bins up to `bin` to the left. */
export const thresholdOf = (edges: Float32Array, bin: number): number => (bin < edges.length ? edges[bin] : ABOVE_ALL);

const edgesOf = (sorted: Float32Array): Float32Array => {
  const distinct = fewDistinct(sorted);
  const cuts: number[] = [];
  if (distinct !== undefined) {
    for (let index = 1; index < distinct.length; index++) cuts.push(between(distinct[index - 1], distinct[index]));
    return Float32Array.from(cuts);
  }
  for (let bin = 1; bin < MOST_BINS; bin++) {
    const place = Math.floor((bin * sorted.length) / MOST_BINS);
    const [low, high] = [sorted[place - 1], sorted[place]];
    const cut = low === high ? low : between(low, high);
    if (cut < sorted[sorted.length - 1] && (cuts.length === 0 || cut > cuts[cuts.length - 1])) cuts.push(cut);
  }
  return Float32Array.from(cuts);
};

/** The values without repetition; undefined when there are more than bins. */
const fewDistinct = (sorted: Float32Array): number[] | undefined => {
  const distinct: number[] = [];
  for (const value of sorted) {
    if (distinct.length > 0 && value === distinct[distinct.length - 1]) continue;
    if (distinct.push(value) > MOST_BINS) return undefined;
  }
  return distinct;
};

/** The middle in float32, `low` when rounding would reach `high`: thresholds and rows are float32 here and in the exported graph. */
const between = (low: number, high: number): number => {
  const middle = Math.fround(low / 2 + high / 2);
  return middle < high ? middle : low;
};
