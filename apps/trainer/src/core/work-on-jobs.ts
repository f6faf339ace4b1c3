import type { Logger } from '#runtime';
import type { Job } from './job.js';
import type { Jobs } from './jobs.js';
import type { MemoryRoom } from './memory-room.js';
import type { LeaseEnd, RunJob } from './run-job.js';

export interface WorkOptions {
  /** Name of this trainer in the leases. */
  owner: string;
  concurrency: number;
  room: MemoryRoom;
  leaseMs: number;
  /** How often the queue is looked at unprompted: retries and leases that ran out become due without a sound. */
  pollMs: number;
}

/** Told of leases, for measuring. */
export interface LeaseObserver {
  begun(job: Job): void;
  ended(job: Job, end: LeaseEnd, seconds: number): void;
}

/** Leases jobs that are due, up to `concurrency` at a time, and works on each. */
export class WorkOnJobs {
  private readonly shutdown = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;
  private lookAgain = false;
  private silenced = false;

  constructor(
    private readonly jobs: Jobs,
    private readonly runJob: RunJob,
    private readonly logger: Logger,
    private readonly options: WorkOptions,
    private readonly observer: LeaseObserver,
  ) {}

  get atWork(): number {
    return this.running.size;
  }

  start(): void {
    this.timer ??= setInterval(() => {
      this.nudge();
    }, this.options.pollMs);
    this.nudge();
  }

  /** Looks at the queue now; called when something was added to it. */
  nudge(): void {
    if (this.shutdown.signal.aborted) return;
    this.lookAgain = true;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
  }

  /** Takes nothing more, ends the processes of running recipes and gives their jobs back. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.shutdown.abort();
    await this.looking;
    await Promise.all(this.running);
  }

  private async look(): Promise<void> {
    const { room } = this.options;
    try {
      while (this.lookAgain && !this.shutdown.signal.aborted) {
        this.lookAgain = false;
        for (let job = await this.next(); job !== undefined; job = await this.next()) {
          const { requestId } = job;
          room.enter(job.requestId, job.checkpoint.memoryBytes ?? 0);
          const work = this.work(job).finally(() => {
            this.running.delete(work);
            room.leave(requestId);
            this.nudge();
          });
          this.running.add(work);
        }
      }
      this.silenced = false;
    } catch (error) {
      // Said once an outage, not at every look.
      if (!this.silenced) this.logger.error('The queue of jobs cannot be read; looking again.', { error });
      this.silenced = true;
    }
  }

  /** What was cancelled while it waited is ended also where all places are taken. */
  private next(): Promise<Job | undefined> {
    const { owner, leaseMs, concurrency, room } = this.options;
    if (this.shutdown.signal.aborted) return Promise.resolve(undefined);
    return this.running.size < concurrency
      ? this.jobs.lease(owner, leaseMs, room.freeBytes)
      : this.jobs.leaseCancelled(owner, leaseMs);
  }

  private async work(job: Job): Promise<void> {
    const begunAt = performance.now();
    this.observer.begun(job);
    try {
      const end = await this.runJob.execute(job, this.shutdown.signal);
      this.observer.ended(job, end, (performance.now() - begunAt) / 1000);
    } catch (error) {
      // Its lease runs out, and the job is taken up again.
      this.logger.error('A job is left to its lease.', { requestId: job.requestId, error });
      this.observer.ended(job, 'lost', (performance.now() - begunAt) / 1000);
    }
  }
}
