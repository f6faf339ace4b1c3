import { setTimeout as sleep } from 'node:timers/promises';

/** How often a handler's error is tried again in place, and how long the shell waits before each try. */
export interface RetryPolicy {
  /** All attempts, the first included. */
  attempts: number;
  initialMs: number;
  factor: number;
  maxMs: number;
}

/** Five attempts within about three seconds: long enough for a lock or a restart of a peer, short for those who wait behind. */
export const defaultRetry: RetryPolicy = { attempts: 5, initialMs: 200, factor: 2, maxMs: 5_000 };

/** The wait between two looks at an environment that does not answer: for ever, capped, no attempt is the last. */
export const environmentRetry: RetryPolicy = { attempts: Infinity, initialMs: 500, factor: 2, maxMs: 30_000 };

/** Milliseconds to wait after the given attempt (counted from 1) failed. */
export const backoffMs = ({ initialMs, factor, maxMs }: RetryPolicy, attempt: number): number =>
  Math.min(maxMs, initialMs * factor ** (attempt - 1));

/** A wait is cut into slices of this length so that the consumer's session never expires (Kafka: 30 s without a beat). */
const BEAT_MS = 2_000;

/** Waits and beats. @throws the signal's reason as soon as it is aborted. */
export const waitBeating = async (ms: number, heartbeat: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  for (let left = ms; left > 0; left -= BEAT_MS) {
    await waitFor(Math.min(left, BEAT_MS), signal);
    await heartbeat();
  }
};

/** @throws the signal's reason as soon as it is aborted. */
export const waitFor = async (ms: number, signal?: AbortSignal): Promise<void> => {
  signal?.throwIfAborted();
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
