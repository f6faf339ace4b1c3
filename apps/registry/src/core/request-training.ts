import { randomUUID } from 'node:crypto';
import type { TrainingRequested, TrainingRequestView } from '#contracts';
import { PlatformError, requestIdOf, type Clock } from '#runtime';
import { SOURCE, type TrainingAnnouncements } from './announcements.js';
import { isOver, type TrainingRequests } from './training-requests.js';
import type { Transactions } from './transactions.js';

/** Our door for training requests: the list and the event are written together, so that what was accepted will be said. */
export class RequestTraining {
  constructor(
    private readonly transactions: Transactions,
    private readonly requests: TrainingRequests,
    private readonly announcements: TrainingAnnouncements,
    private readonly clock: Clock,
  ) {}

  execute(request: TrainingRequested): Promise<TrainingRequestView> {
    return this.transactions.run(async () => {
      const eventId = randomUUID();
      const time = this.clock.iso();
      const id = requestIdOf(SOURCE, eventId);
      await this.requests.requested(id, SOURCE, request, time);
      await this.announcements.requested({
        id: eventId,
        source: SOURCE,
        type: 'training.requested',
        subject: request.model,
        time,
        data: request,
      });
      return this.get(id);
    });
  }

  /** Asks the trainer to stop; the request is over when `training.completed` says so. @throws PlatformError NOT_FOUND, CONFLICT. */
  cancel(id: string, reason: string): Promise<TrainingRequestView> {
    return this.transactions.run(async () => {
      const known = await this.get(id);
      if (isOver(known.state)) throw new PlatformError('CONFLICT', `Training request ${id} is over: ${known.state}.`);
      await this.announcements.cancelRequested({ requestId: id, reason }, this.clock.iso());
      return known;
    });
  }

  /** @throws PlatformError NOT_FOUND. */
  async get(id: string): Promise<TrainingRequestView> {
    const found = await this.requests.find(id);
    if (found === undefined) throw new PlatformError('NOT_FOUND', `There is no training request ${id}.`);
    return found;
  }
}
