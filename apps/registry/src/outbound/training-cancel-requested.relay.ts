import { randomUUID } from 'node:crypto';
import { writeEvent, type TrainingCancelRequested } from '#contracts';
import { SOURCE } from '../core/announcements.js';
import type { EventFeed } from '../core/event-feed.js';
import type { Outbox } from './outbox.js';

/** Says `training.cancel-requested`. */
export class TrainingCancelRequestedRelay {
  constructor(
    private readonly outbox: Outbox,
    private readonly feed: EventFeed,
  ) {}

  async say(request: TrainingCancelRequested, at: string): Promise<void> {
    const type = 'training.cancel-requested';
    const event = { id: randomUUID(), source: SOURCE, type, subject: request.requestId, time: at, data: request };
    await this.outbox.add(writeEvent(type, request.requestId, event));
    await this.feed.add(event);
  }
}
