import type { Tracking } from './tracking.js';

/** What an attempt works at the registry with. */
export interface Attempt {
  /** `MLFLOW_TRACKING_TOKEN` of the recipe; the registry refuses it once another attempt has begun. */
  token: string;
  /** Speaks with the token. */
  tracking: Tracking;
  /** The same, whose calls end with the signal and reject with its reason: for what may take long and be done again. */
  during(signal: AbortSignal): Tracking;
}

export interface AttemptSpec {
  requestId: string;
  /** Of the lease: the highest that the registry has seen is the only valid one. */
  fence: number;
  promote: 'policy' | 'never';
}

/**
 * Attempts at training requests, as the registry counts them. Begun before the first effect of a lease: from then on
 * nothing of an earlier one is taken any more.
 * Errors: `ATTEMPT_SUPERSEDED`, here and of everything that comes with the token; those of `Tracking`.
 */
export abstract class Attempts {
  abstract begin(spec: AttemptSpec): Promise<Attempt>;
}
