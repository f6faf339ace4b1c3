/** Features cut into at most 256 bins each, so that a split is found by counting instead of by sorting. */
export interface BinnedFeatures {
  rowCount: number;
  featureCount: number;
  /** Column after column: the bin of row `r` in feature `f` is at `f * rowCount + r`. */
  bins: Uint8Array;
  /** Per feature, ascending: a value is in bin `b` when it is at most `edges[b]` and above the edge before. */
  edges: Float32Array[];
}

const MOST_BINS = 256;

/** Features with few values get an edge between each two of them, as an exact search would; others are cut at quantiles. */
export const binFeatures = (rows: Float32Array, rowCount: number, featureCount: number): BinnedFeatures => {
  const bins = new Uint8Array(rowCount * featureCount);
  const edges: Float32Array[] = [];
  const column = new Float32Array(rowCount);
  for (let feature = 0; feature < featureCount; feature++) {
    for (let row = 0; row < rowCount; row++) column[row] = rows[row * featureCount + feature];
    const cuts = edgesOf(column.slice().sort());
    for (let row = 0; row < rowCount; row++) bins[feature * rowCount + row] = binOf(column[row], cuts);
    edges.push(cuts);
  }
  return { rowCount, featureCount, bins, edges };
};

const edgesOf = (sorted: Float32Array): Float32Array => {
  const distinct = sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
  const cuts: number[] = [];
  if (distinct.length <= MOST_BINS) {
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

/** The middle in float32, `low` when rounding would reach `high`: thresholds and rows are float32 here and in the exported graph. */
const between = (low: number, high: number): number => {
  const middle = Math.fround((low + high) / 2);
  return middle < high ? middle : low;
};

const binOf = (value: number, cuts: Float32Array): number => {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= cuts[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
};
