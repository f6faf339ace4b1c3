import { MOST_METRICS } from '#contracts';

/** The metrics of a version as its event tells them: by name, as many as an event holds. */
export const toldMetrics = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, MOST_METRICS),
  );

/** Whether there may be more than the event told. */
export const areCut = (told: Record<string, number>): boolean => Object.keys(told).length >= MOST_METRICS;
