/** Where the lines lie, and why: docs/adr/0011. */
export const lines = {
  /** Files up to this size may live on shared threads. */
  smallBytes: 1024 * 1024,
  /** A shared thread stands still for as long as a model is opened on it, */
  openMs: 10,
  /** and for as long as a batch of it runs. */
  batchMs: 5,
  /** What one model's lanes may hold together: a copy of its weights each. */
  lanesBytes: 256 * 1024 * 1024,
};

export interface ModelFacts {
  readonly sizeBytes: number;
  /** How long the thread was busy with opening it. */
  readonly openedMs: number;
  /** What the largest batch takes. */
  readonly batchMs: number;
}

/** True for a model that disturbs nobody beside whom it lives. */
export const isSmall = ({ sizeBytes, openedMs, batchMs }: ModelFacts): boolean =>
  sizeBytes <= lines.smallBytes && openedMs <= lines.openMs && batchMs <= lines.batchMs;

/** Over how many lanes a model may be spread. */
export const mostLanes = (sizeBytes: number, workers: number): number =>
  Math.max(1, Math.min(workers, Math.floor(lines.lanesBytes / Math.max(1, sizeBytes))));
