/** What one side of a figure took: of requests in milliseconds, and how many it answered in a second. */
export interface Summary {
  count: number;
  p50Ms: number;
  p99Ms: number;
  perSecond: number;
}

/**
 * The value below which the share `q` of the values lies, by the nearest rank: always one that was measured.
 * @throws Error when there is none.
 */
export const quantile = (values: readonly number[], q: number): number => {
  if (values.length === 0) throw new Error('Nothing was measured.');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(Math.max(Math.ceil(q * sorted.length), 1), sorted.length);
  return sorted[rank - 1];
};

export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw new Error('Nothing was measured.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** One round: the time of each request, and how long the whole round took with its clients side by side. */
export interface Round {
  latenciesMs: number[];
  seconds: number;
}

/** Times over all rounds; the rate is the median of the rounds' rates, so that one disturbed round does not decide. */
export const summarise = (rounds: readonly Round[]): Summary => {
  const all = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    count: all.length,
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    perSecond: median(rounds.map(rateOf)),
  };
};

export const rateOf = ({ latenciesMs, seconds }: Round): number => latenciesMs.length / seconds;

/** Rounds of two sides were measured in turn: each is compared with its neighbour, which had the same noise. */
export const pairedRatio = (ours: readonly number[], theirs: readonly number[]): number => {
  if (ours.length !== theirs.length) throw new Error('Each round needs its neighbour.');
  return median(ours.map((value, index) => value / theirs[index]));
};
