import { errorCodes } from '#contracts';
import { PlatformError, messageOf } from '#runtime';
import type { Failure, Job, Verdict } from './job.js';
import { legible } from './legible.js';

export interface RetryLimits {
  /** Attempts per job, the first included. */
  maxAttempts: number;
  /** Wait before the second attempt; doubles with each. */
  backoffMs: number;
}

export type Decision =
  | { next: 'wait'; delayMs: number; failure: Failure }
  | { next: 'retry'; delayMs: number; failure: Failure }
  | { next: 'end'; verdict: Verdict };

/** A registry that is down for long is asked once a minute. */
const LONGEST_WAIT_MS = 60_000;
/** A sentence goes into an event, and no bus takes one of any size: a record that it refuses holds up all behind it. */
const LONGEST_MESSAGE = 4_000;
/** A job that takes its trainer down is not passed on to the next one for ever. */
const MOST_LOSSES = 5;

/** What follows an error of an attempt: something around the job is down (wait, for ever), a retry may help, or it is over. */
export const afterError = (job: Pick<Job, 'failures' | 'waits'>, error: unknown, limits: RetryLimits): Decision => {
  const failure = failureOf(error);
  if (isAwayForNow(error)) return { next: 'wait', delayMs: waitMs(job, limits), failure };
  const failed = job.failures + 1;
  if (traitsOf(error).fault === 'retry' && failed < limits.maxAttempts)
    return { next: 'retry', delayMs: limits.backoffMs * 2 ** (failed - 1), failure };
  return { next: 'end', verdict: { outcome: outcomeOf(failure.code), failure } };
};

/** The wait before a job that waits for something around it is taken up again; doubles from one to the next. */
export const waitMs = ({ waits }: Pick<Job, 'waits'>, { backoffMs }: RetryLimits): number =>
  Math.min(backoffMs * 2 ** waits, LONGEST_WAIT_MS);

/** The verdict on a job that was leased too often without a word from its holder; undefined while it may go on. */
export const afterLosses = (losses: number): Verdict | undefined =>
  losses <= MOST_LOSSES
    ? undefined
    : {
        outcome: 'failed',
        failure: {
          code: 'TRAINING_CRASHED',
          message: `The trainer ended ${String(losses)} times while it worked on this request; look at its log, or ask for a smaller training.`,
        },
      };

/**
 * Its sentence may quote what a data set holds, cut anywhere: what no database takes (control characters, half a
 * surrogate pair) is taken out, or the job could never be ended.
 */
export const failureOf = (error: unknown): Failure =>
  error instanceof PlatformError
    ? { code: error.code, message: told(error.detail) }
    : { code: 'INTERNAL', message: told(`${errorCodes.INTERNAL.sentence} (${messageOf(error)})`) };

const told = (sentence: string): string =>
  legible(sentence.length <= LONGEST_MESSAGE ? sentence : `${sentence.slice(0, LONGEST_MESSAGE)}…`);

/** Something around the job is down: waiting helps, nothing else does. */
export const isAwayForNow = (error: unknown): boolean => traitsOf(error).fault === 'environment';

/** The registry has heard of a later attempt: whoever makes that one decides what follows. */
export const isSuperseded = (error: unknown): boolean =>
  error instanceof PlatformError && error.code === 'ATTEMPT_SUPERSEDED';

const traitsOf = (error: unknown) => (error instanceof PlatformError ? error.traits : errorCodes.INTERNAL);

const outcomeOf = (code: string): Verdict['outcome'] =>
  code === 'TRAINING_TIMED_OUT' ? 'timed-out' : code === 'TRAINING_CANCELLED' ? 'cancelled' : 'failed';
