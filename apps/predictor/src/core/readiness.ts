/** All that "ready" depends on. */
export interface ReadinessSnapshot {
  stopping: boolean;
  /** `model.promoted` was read up to the position seen at the start. */
  caughtUp: boolean;
  busAnswers: boolean;
  /** How long this process has been waiting to catch up. */
  waitedMs: number;
  /**
   * Every model that is meant to be served, and every pinned version; `settled` when the promotion that was newest at catch-up was
   * tried; `later` for what holds up nothing else: a model that was promoted for the first time after catch-up, a pin that was tried.
   */
  models: { name: string; serving: boolean; settled: boolean; later: boolean }[];
}

/** A bus that answers and yet does not let us read: after this long the last-good copies are better than nothing. */
const CATCH_UP_WITHIN_MS = 30_000;

/** Undefined when ready, else the sentence that says what is missing. */
export const notReadyBecause = (snapshot: ReadinessSnapshot): string | undefined => {
  const { stopping, caughtUp, busAnswers, waitedMs, models } = snapshot;
  if (stopping) return 'This replica is shutting down.';
  if (!caughtUp && busAnswers && waitedMs < CATCH_UP_WITHIN_MS)
    return 'The promotions that lie on the bus are still being read.';
  // A new model that can not be served must not take the others out of the balancer: of those, any one served will do.
  const isNoneServed = !models.some(({ serving }) => serving);
  const missing = models.filter(({ serving, later }) => !serving && (isNoneServed || !later)).map(({ name }) => name);
  if (missing.length > 0) return `Promoted or pinned, but not served yet: ${missing.join(', ')}.`;
  const unsettled = models.filter(({ settled }) => caughtUp && !settled).map(({ name }) => name);
  if (unsettled.length > 0) return `A newer version is still being loaded since the start: ${unsettled.join(', ')}.`;
  if (models.length > 0) return undefined;
  return caughtUp ? 'No model is promoted.' : 'The bus does not answer and there is no last-good copy.';
};
