import type { VersionFigures } from './version-figures.js';

interface Duration {
  count: number;
  ns: number;
}

/** Figures of one version by the names of Triton's statistics extension. */
export interface ModelStatistics {
  name: string;
  version: string;
  /** Milliseconds since the epoch. */
  last_inference: number;
  /** Rows, and runs of a session. */
  inference_count: number;
  execution_count: number;
  inference_stats: Record<string, Duration>;
  batch_stats: { batch_size: number; compute_input: Duration; compute_infer: Duration; compute_output: Duration }[];
}

/**
 * What perf_analyzer and its like read between two moments: all only grows. Reading and writing tensors is no part of the
 * computing here and told as nothing; computing is counted by runs, not by requests.
 */
export const modelStatistics = (
  name: string,
  version: number,
  figures: VersionFigures | undefined,
): ModelStatistics => ({
  name,
  version: String(version),
  last_inference: figures?.lastAtMs ?? 0,
  inference_count: figures?.rows ?? 0,
  execution_count: figures?.batches ?? 0,
  inference_stats: {
    success: duration(figures?.succeeded, figures?.answering.sum),
    fail: duration(figures?.failed, figures?.failingSeconds),
    queue: duration(figures?.waiting.count, figures?.waiting.sum),
    compute_input: duration(),
    compute_infer: duration(figures?.computing.count, figures?.computing.sum),
    compute_output: duration(),
    cache_hit: duration(),
    cache_miss: duration(),
  },
  batch_stats: [...(figures?.batchesByRows ?? [])]
    .sort(([one], [other]) => one - other)
    .map(([rows, { count, computeSeconds }]) => ({
      batch_size: rows,
      compute_input: duration(count),
      compute_infer: duration(count, computeSeconds),
      compute_output: duration(count),
    })),
});

const duration = (count = 0, seconds = 0): Duration => ({ count, ns: Math.round(seconds * 1e9) });
