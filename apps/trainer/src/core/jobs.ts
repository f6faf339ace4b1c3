import type { TrainingRequested } from '#contracts';
import type { Checkpoint, Failure, Job, Outcome } from './job.js';

/** A request as it arrived; `requestId` is derived from its CloudEvents identity. */
export interface NewJob {
  requestId: string;
  source: string;
  eventId: string;
  request: TrainingRequested;
  requestedAt: Date;
  /** What its recipe declares; absent while a preset has to be looked up. */
  memoryBytes?: number;
}

/** What a holder of a lease hears when it says that it is alive. */
export type Beat = { held: true; cancelReason?: string } | { held: false };

/** How a job ended. */
export interface Ending {
  outcome: Outcome;
  failure?: Failure;
}

/** Depth of the queue by state, for metrics. */
export type QueueDepth = Record<'queued' | 'running' | 'retrying', number>;

/**
 * Durable jobs. Every write by a holder of a lease is fenced: it resolves to false, and has changed nothing, when the
 * lease has gone to somebody else. `finish` and the news of it (`training.completed`, in the outbox) are one transaction.
 * Errors: `DATABASE_UNAVAILABLE`.
 */
export abstract class Jobs {
  /** Stores a request once: false when it is known already, however it went. One that was cancelled before it came is over at once. */
  abstract add(job: NewJob): Promise<'added' | 'known' | 'cancelled'>;
  /** Ends a waiting job at once, asks the holder of a running one, remembers the wish for one that has not come yet. */
  abstract cancel(requestId: string, reason: string): Promise<void>;
  /**
   * Leases the job that is due and whose turn it is, one whose lease ran out included: by priority, then for the model
   * with the fewest jobs running, then for the one that waited longest for its turn. Undefined when nothing is due.
   * A job that was cancelled while it waited goes before all: only its run is left to be marked.
   * @param freeBytes a job that is known to take more is passed over; one that has been passed over for minutes holds up
   * those behind it, so that small ones do not keep it waiting for ever
   */
  abstract lease(owner: string, leaseMs: number, freeBytes?: number): Promise<Job | undefined>;
  /** As `lease`, of jobs that were cancelled alone: for a trainer that has no room for work. */
  abstract leaseCancelled(owner: string, leaseMs: number): Promise<Job | undefined>;
  /** Prolongs the lease. */
  abstract beat(job: Job, leaseMs: number): Promise<Beat>;
  /** Adds to the checkpoint. */
  abstract record(job: Job, done: Partial<Checkpoint>): Promise<boolean>;
  /** Puts a job back: to be tried again after an error (`failure`), after a wait for something around it (`wait`), or as it was (`release`). */
  abstract putBack(job: Job, why: 'failure' | 'wait' | 'release', delayMs: number): Promise<boolean>;
  /** Ends a job. */
  abstract finish(job: Job, ending: Ending): Promise<boolean>;
  abstract depth(): Promise<QueueDepth>;
  /** The fingerprint of the model's last training that succeeded; what converts a version of it is none. */
  abstract lastFingerprint(model: string): Promise<string | undefined>;
  /**
   * Forgets news that went out longer ago than `newsMs`, and jobs that ended longer ago than `jobsMs`, but for the last of each
   * model, which `lastFingerprint` goes by. Returns how many rows went.
   */
  abstract prune(newsMs: number, jobsMs: number): Promise<number>;
}
