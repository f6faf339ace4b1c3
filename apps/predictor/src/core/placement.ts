/** Where the lines lie, and why: docs/adr/0011. */
export const lines = {
  /** Files up to this size may live on shared threads: such a thread stands still for as long as one is opened on it. */
  smallBytes: 512 * 1024,
  /** It stands still for as long as a batch runs, too. */
  batchMs: 5,
  /** What one request may hold it for; a longer one is run in slices. A slice costs a hop more, so less than this would slow it down. */
  holdMs: 10,
  /** What the files of one model's lanes may hold together: each lane is a copy of the weights. */
  lanesBytes: 256 * 1024 * 1024,
} as const;

export interface ModelFacts {
  readonly sizeBytes: number;
  /** What the largest batch takes. */
  readonly batchMs: number;
}

/** True for a model that disturbs nobody beside whom it lives. */
export const isSmall = ({ sizeBytes, batchMs }: ModelFacts): boolean =>
  sizeBytes <= lines.smallBytes && batchMs <= lines.batchMs;

/** Over how many lanes a model may be spread. */
export const mostLanes = (sizeBytes: number, workers: number): number =>
  Math.max(1, Math.min(workers, Math.floor(lines.lanesBytes / Math.max(1, sizeBytes))));
