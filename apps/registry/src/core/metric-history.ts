import { PlatformError } from '#runtime';
import type { Int64 } from './int64.js';

/** One point of a metric, spelled as PostgreSQL does: no digit of a step or timestamp is lost, and nothing is parsed to be written again. */
export interface MetricPoint {
  timestamp: string;
  step: string;
  value: string;
}

export interface RunPoint extends MetricPoint {
  runId: string;
}

/** What was logged for a metric, point by point. Nothing, and no error, for an unknown run or key. */
export abstract class MetricHistory {
  /** Ordered by timestamp, step and value, beginning behind `after`. */
  abstract page(runId: string, key: string, page: { after?: MetricPoint; limit: number }): Promise<MetricPoint[]>;
  /** Of several runs, ordered by run, timestamp, step and value. */
  abstract ofRuns(runIds: readonly string[], key: string, limit: number): Promise<RunPoint[]>;
  /**
   * At most `limit` points of each run, evenly spread over its points in the order of their steps, the last of all always
   * among them. In the order in which the runs are named.
   */
  abstract sampled(
    runIds: readonly string[],
    key: string,
    sample: { limit: number; steps?: { from: Int64; to: Int64 } },
  ): Promise<RunPoint[]>;
}

/** The point behind which the next page begins, as an opaque token: however far in, a page costs the same. */
export const historyToken = ({ timestamp, step, value }: MetricPoint): string =>
  btoa(JSON.stringify({ after: [timestamp, step, value] }));

/** @throws PlatformError REQUEST_INVALID when the token is not one of ours. */
export const pointOf = (token: string | undefined): MetricPoint | undefined => {
  if (token === undefined || token === '') return undefined;
  try {
    const { after } = JSON.parse(atob(token)) as { after: unknown };
    if (Array.isArray(after)) {
      const [timestamp, step, value] = after.map(String);
      if ([timestamp, step].every((part) => /^-?\d{1,19}$/.test(part)) && /^(NaN|-?[\d.]+(e[+-]?\d+)?)$/.test(value))
        return { timestamp, step, value };
    }
  } catch {
    /* answered below, as any other token that is not ours */
  }
  throw new PlatformError('REQUEST_INVALID', 'Invalid page token, could not base64-decode');
};
