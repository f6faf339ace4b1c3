import { PlatformError, type Logger } from '#runtime';
import { Interruption } from './interruption.js';
import type { Checkpoint, Job } from './job.js';
import type { Jobs } from './jobs.js';
import type { MemoryRoom } from './memory-room.js';

/** Cancellations are heard within this time, however long the lease; a recipe has to be ended within five seconds of one. */
const LONGEST_BEAT_MS = 1_000;

/**
 * One leased job in the hands of this trainer: keeps the lease alive, hears of cancellation, and lets nothing be written
 * once the lease is lost. `signal` aborts with the reason: an `Interruption`, or `TRAINING_CANCELLED`.
 */
export class LeaseGuard {
  private readonly abort = new AbortController();
  private readonly leave = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private heldUntil: number;

  constructor(
    private readonly jobs: Jobs,
    private job: Job,
    private readonly leaseMs: number,
    private readonly logger: Logger,
    private readonly room: MemoryRoom,
  ) {
    this.heldUntil = performance.now() + leaseMs;
    this.timer = setInterval(() => void this.beat(), Math.min(leaseMs / 3, LONGEST_BEAT_MS));
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Aborts with an `Interruption` only: what is left to be told of a job is told through its cancellation. */
  get leaving(): AbortSignal {
    return this.leave.signal;
  }

  /** False when the lease may have gone to another trainer. */
  get isHeld(): boolean {
    return performance.now() <= this.heldUntil;
  }

  get checkpoint(): Checkpoint {
    return this.job.checkpoint;
  }

  /**
   * Rejects with the reason when the work is to end. Asked before each effect outside: a process that stood still past its
   * lease must not go on where somebody else has.
   */
  check(): void {
    if (!this.isHeld) this.interrupt(this.lost());
    this.signal.throwIfAborted();
  }

  /** Keeps what is done; who takes over goes on from there. Rejects with the `Interruption` when the lease is lost. */
  async record(done: Partial<Checkpoint>): Promise<void> {
    if (!(await this.jobs.record(this.job, done))) throw this.lost();
    this.job = { ...this.job, checkpoint: { ...this.job.checkpoint, ...done } };
  }

  /**
   * Takes what the recipe declares out of this trainer's memory. Rejects with an `Interruption` when it is not there: the
   * job is given back, and leased again where it fits.
   */
  async makeRoom(memoryBytes: number): Promise<void> {
    if (!this.room.isLimited || this.checkpoint.memoryBytes !== undefined) return;
    await this.record({ memoryBytes });
    if (!this.room.enter(this.job.requestId, memoryBytes)) throw new Interruption('no-room');
  }

  interrupt(reason: Interruption | PlatformError): void {
    if (!this.signal.aborted) this.abort.abort(reason);
    if (reason instanceof Interruption && !this.leaving.aborted) this.leave.abort(reason);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async beat(): Promise<void> {
    try {
      const askedAt = performance.now();
      const beat = await this.jobs.beat(this.job, this.leaseMs);
      if (!beat.held) this.interrupt(this.lost());
      else {
        this.heldUntil = askedAt + this.leaseMs;
        if (beat.cancelReason !== undefined) this.interrupt(cancelled(beat.cancelReason));
      }
    } catch (error) {
      this.logger.warn('A heartbeat of a job was not heard.', { requestId: this.job.requestId, error });
      if (!this.isHeld) this.interrupt(this.lost());
    }
  }

  private lost(): Interruption {
    return new Interruption('lease-lost');
  }
}

export const cancelled = (reason: string): PlatformError =>
  new PlatformError(
    'TRAINING_CANCELLED',
    reason === '' ? 'The training was cancelled.' : `The training was cancelled: ${reason}`,
  );
