import { randomUUID } from 'node:crypto';
import type { TrainingProgressed } from '#contracts';
import type { EventPublisher } from '#messaging';
import type { Clock, Logger } from '#runtime';
import { ProgressReports } from '../core/progress.js';

/** Steps of one job that come closer together than this are not worth a record each. */
const LEAST_MS = 500;
/** A bus that is away must not fill the memory with what nobody will miss. */
const MOST_UNDERWAY = 100;

/** Publishes `training.progressed`, best effort and in order of the job. A change of state or of attempt is never dropped for its pace. */
export class TrainingProgressedPublisher extends ProgressReports {
  private readonly last = new Map<string, { at: number; mark: string; underway: Promise<unknown> }>();
  private underway = 0;

  constructor(
    private readonly publisher: EventPublisher,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    super();
  }

  say(progress: TrainingProgressed): void {
    const { requestId } = progress;
    const now = this.clock.now();
    const mark = `${progress.state}/${String(progress.attempt)}/${progress.step === undefined ? progress.message : 'step'}`;
    const last = this.last.get(requestId);
    const isLast = progress.step !== undefined && progress.step === progress.of;
    // Lines of a log come once a second at most, and are not said again.
    const isLog = progress.log !== undefined;
    if (last?.mark === mark && now - last.at < LEAST_MS && !isLast && !isLog) return;
    if (this.underway >= MOST_UNDERWAY) return;
    const underway = (last?.underway ?? Promise.resolve()).then(() => this.publish(progress));
    this.last.set(requestId, { at: now, mark, underway });
    this.underway += 1;
    void underway.finally(() => {
      this.underway -= 1;
      if (this.last.get(requestId)?.underway === underway) this.forgetLater(requestId, underway);
    });
  }

  private async publish(progress: TrainingProgressed): Promise<void> {
    try {
      await this.publisher.publish('training.progressed', progress.requestId, {
        id: randomUUID(),
        source: '/baton/trainer',
        type: 'training.progressed',
        subject: progress.requestId,
        time: this.clock.iso(),
        data: progress,
      });
    } catch (error) {
      this.logger.debug('A progress report was not published.', { requestId: progress.requestId, error });
    }
  }

  private forgetLater(requestId: string, underway: Promise<unknown>): void {
    setTimeout(() => {
      if (this.last.get(requestId)?.underway === underway) this.last.delete(requestId);
    }, LEAST_MS).unref();
  }
}
