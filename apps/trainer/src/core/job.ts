import type { TrainingRequested } from '#contracts';
import { PlatformError } from '#runtime';
import type { ResolvedRequest } from './resolved-request.js';

/** Where a job can be, and where it may go from there: written down once, enforced by every adapter of `Jobs`. */
export const jobMoves = {
  queued: ['running', 'cancelled'],
  running: ['running', 'queued', 'retrying', 'succeeded', 'failed', 'cancelled', 'timed-out', 'skipped'],
  retrying: ['running', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
  'timed-out': [],
  skipped: [],
} as const satisfies Record<string, readonly string[]>;

export type JobState = keyof typeof jobMoves;

/** States that end a job; each is told once as `training.completed`. */
export type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'skipped';

/**
 * `running → running` is a takeover: the lease of the trainer before ran out. `running → queued` is a job given back by a
 * trainer that shuts down.
 */
export const mayMove = (from: JobState, to: JobState): boolean => (jobMoves[from] as readonly JobState[]).includes(to);

/** @throws PlatformError CONFLICT for a move that the table does not have. */
export const checkMove = (from: JobState, to: JobState): void => {
  if (!mayMove(from, to)) throw new PlatformError('CONFLICT', `A job that is ${from} cannot become ${to}.`);
};

export const isOver = (state: JobState): state is Outcome => jobMoves[state].length === 0;

export const statesLeadingTo = (to: JobState): JobState[] =>
  (Object.keys(jobMoves) as JobState[]).filter((from) => mayMove(from, to));

/** What is told of an error: its stable code and the sentence that says what to change. */
export interface Failure {
  code: string;
  message: string;
}

/** How a job ends when it does not succeed; kept before the run is marked, so that a crash in between repeats no work. */
export interface Verdict {
  outcome: Exclude<Outcome, 'succeeded'>;
  failure: Failure;
}

/**
 * What of a job is already done in the registry. Each is written as soon as it is true; who takes the job over goes on
 * from there. `metrics` present means: trained, uploaded and logged.
 */
export interface Checkpoint {
  /** The request with its preset worked in; absent when it needed none. */
  resolved?: ResolvedRequest;
  runId?: string;
  loggedModelId?: string;
  metrics?: Record<string, number>;
  /** What its recipe declares, once that is known. */
  memoryBytes?: number;
  /** Of what was trained: recipe, parameters and data. */
  fingerprint?: string;
  version?: number;
  verdict?: Verdict;
}

/** One training request, worked on until it is over. */
export interface Job {
  requestId: string;
  request: TrainingRequested;
  state: JobState;
  /** Attempts begun; 0 while queued for the first time. A wait for the registry or the store is no attempt. */
  attempt: number;
  /** Attempts that ended with an error that a retry may cure. */
  failures: number;
  /** Leases that ran out: the trainer that held the job was killed or cut off. */
  losses: number;
  /** Times in a row that the job was put back because something around it was down. */
  waits: number;
  /** Grows with each lease. Every write of a leaseholder names it; a stale one writes nothing. */
  fence: number;
  /** This lease follows one that ran out. */
  takenOver: boolean;
  checkpoint: Checkpoint;
  cancelReason?: string;
  requestedAt: Date;
  /** When the first attempt began. */
  startedAt?: Date;
}

/** What is trained, as far as it is settled. */
export const recipeOf = ({ checkpoint, request }: Pick<Job, 'checkpoint' | 'request'>): string | undefined =>
  checkpoint.resolved?.recipe ?? request.recipe;
