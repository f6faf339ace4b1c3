import { crashPoint, type Logger } from '#runtime';
import type { Attempt, Attempts } from './attempts.js';
import { Interruption, unlessAborted } from './interruption.js';
import { recipeOf, type Failure, type Job, type Outcome, type Verdict } from './job.js';
import type { Jobs } from './jobs.js';
import { cancelled, LeaseGuard } from './lease-guard.js';
import type { MemoryRoom } from './memory-room.js';
import type { ProgressReports } from './progress.js';
import {
  afterError,
  afterLosses,
  failureOf,
  isAwayForNow,
  isSuperseded,
  waitMs,
  type RetryLimits,
} from './retry-decision.js';
import type { TrainModel } from './train-model.js';

export interface RunJobOptions extends RetryLimits {
  leaseMs: number;
  room: MemoryRoom;
  crashAt?: string;
}

/** How a lease ended: with an outcome, put back, or taken away. */
export type LeaseEnd = Outcome | 'retrying' | 'waiting' | 'released' | 'lost';

/** Works on one leased job until it is over, is put back, or the lease is lost. Never rejects for what the job does. */
export class RunJob {
  constructor(
    private readonly jobs: Jobs,
    private readonly train: TrainModel,
    private readonly attempts: Attempts,
    private readonly progress: ProgressReports,
    private readonly logger: Logger,
    private readonly options: RunJobOptions,
  ) {}

  /** `shutdown` gives the job back. */
  async execute(job: Job, shutdown: AbortSignal): Promise<LeaseEnd> {
    const lease = new LeaseGuard(this.jobs, job, this.options.leaseMs, this.logger, this.options.room);
    const leave = () => {
      lease.interrupt(new Interruption('shutting-down'));
    };
    if (shutdown.aborted) leave();
    shutdown.addEventListener('abort', leave, { once: true });
    try {
      return await this.work(job, lease);
    } catch (error) {
      return await this.react(job, error);
    } finally {
      shutdown.removeEventListener('abort', leave);
      lease.stop();
    }
  }

  private async work(job: Job, lease: LeaseGuard): Promise<LeaseEnd> {
    lease.signal.throwIfAborted();
    const begin = this.beginOnce(job, lease.leaving);
    const verdict = job.checkpoint.verdict ?? afterLosses(job.losses) ?? cancelledBefore(job);
    if (verdict !== undefined) return this.conclude(job, lease, verdict, begin);
    let done: 'trained' | 'unchanged';
    try {
      done = await this.train.execute(job, lease, begin);
    } catch (error) {
      const cause: unknown = lease.signal.aborted ? lease.signal.reason : error;
      if (cause instanceof Interruption) throw cause;
      if (isSuperseded(cause)) throw new Interruption('lease-lost');
      const decision = afterError(job, cause, this.options);
      if (decision.next !== 'end') throw cause;
      return await this.conclude(job, lease, decision.verdict, begin);
    }
    crashPoint('before-completion', this.options.crashAt);
    return done === 'trained' ? this.finish(job, 'succeeded') : this.finish(job, 'skipped', unchanged);
  }

  /** One token for one lease, asked when it is needed. A registry that hangs keeps no trainer from leaving. */
  private beginOnce({ requestId, fence, request: { promote } }: Job, leaving: AbortSignal): () => Promise<Attempt> {
    let attempt: Promise<Attempt> | undefined;
    const begin = async (): Promise<Attempt> => {
      const begun = await unlessAborted(leaving, this.attempts.begin({ requestId, fence, promote }));
      return { ...begun, tracking: begun.during(leaving) };
    };
    return () => (attempt ??= begin());
  }

  /** The verdict is kept first: marking the run may have to wait for the registry, and repeats no training. */
  private async conclude(
    job: Job,
    lease: LeaseGuard,
    verdict: Verdict,
    begin: () => Promise<Attempt>,
  ): Promise<LeaseEnd> {
    if (lease.checkpoint.verdict === undefined && !(await this.jobs.record(job, { verdict })))
      throw new Interruption('lease-lost');
    const { runId } = lease.checkpoint;
    if (!lease.isHeld) throw new Interruption('lease-lost');
    if (runId !== undefined) await this.markRun(runId, verdict, begin);
    crashPoint('before-completion', this.options.crashAt);
    return this.finish(job, verdict.outcome, verdict);
  }

  /** A registry that is down is waited for; one that refuses (the run was deleted) does not keep the job from its end. */
  private async markRun(runId: string, { outcome, failure }: Verdict, begin: () => Promise<Attempt>): Promise<void> {
    try {
      const status = outcome === 'cancelled' ? 'KILLED' : 'FAILED';
      const { tracking } = await begin();
      await tracking.endRun(runId, status, `${failure.code}: ${failure.message}`);
    } catch (error) {
      if (isAwayForNow(error) || error instanceof Interruption) throw error;
      this.logger.warn('The run of a failed training could not be marked.', { runId, error });
    }
  }

  private async finish(job: Job, outcome: Outcome, verdict?: { failure: Failure }): Promise<LeaseEnd> {
    if (!(await this.jobs.finish(job, { outcome, failure: verdict?.failure }))) throw new Interruption('lease-lost');
    crashPoint('after-completion', this.options.crashAt);
    const level = outcome === 'succeeded' || outcome === 'skipped' ? 'info' : 'warn';
    this.logger.log(level, `Training ${outcome}.`, { ...factsOf(job), failure: verdict?.failure });
    return outcome;
  }

  private async react(job: Job, error: unknown): Promise<LeaseEnd> {
    if (error instanceof Interruption) {
      this.logger.info(error.message, factsOf(job));
      if (error.why === 'lease-lost') return 'lost';
      return (await this.jobs.putBack(job, 'release', 0)) ? 'released' : 'lost';
    }
    const decision = afterError(job, error, this.options);
    // What ends a job was concluded where it was decided; here it can only be a fault of concluding.
    const [why, delayMs] =
      decision.next === 'retry'
        ? (['failure', decision.delayMs] as const)
        : (['wait', waitMs(job, this.options)] as const);
    const failure = failureOf(error);
    this.logger.warn(`Training ${why === 'wait' ? 'waits' : 'is tried again'}.`, {
      ...factsOf(job),
      delayMs,
      failure,
      error,
    });
    if (!(await this.jobs.putBack(job, why, delayMs))) return 'lost';
    this.progress.say({
      requestId: job.requestId,
      model: job.request.model,
      state: 'retrying',
      attempt: job.attempt,
      message: `${failure.code}: ${failure.message}`.slice(0, 2000).toWellFormed(),
    });
    return why === 'wait' ? 'waiting' : 'retrying';
  }
}

const unchanged = {
  failure: {
    code: 'TRAINING_SKIPPED',
    message: 'Recipe, parameters and data are those of the last training of this model.',
  },
};

const cancelledBefore = (job: Job): Verdict | undefined =>
  job.cancelReason === undefined || job.checkpoint.version !== undefined
    ? undefined
    : { outcome: 'cancelled', failure: failureOf(cancelled(job.cancelReason)) };

const factsOf = (job: Job) => ({
  requestId: job.requestId,
  model: job.request.model,
  recipe: recipeOf(job),
  attempt: job.attempt,
});
