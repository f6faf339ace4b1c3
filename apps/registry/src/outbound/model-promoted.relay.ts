import { randomUUID } from 'node:crypto';
import { writeEvent, type CloudEvent, type ModelPromoted } from '#contracts';
import type { Metrics } from '#runtime';
import { PromotionAnnouncements, SOURCE } from '../core/announcements.js';
import type { EventFeed } from '../core/event-feed.js';
import type { Transactions } from '../core/transactions.js';
import type { Outbox } from './outbox.js';

/** Says `model.promoted`: the wanted state as a value, a retirement as a tombstone whose header carries the generation. */
export class ModelPromotedRelay extends PromotionAnnouncements {
  constructor(
    private readonly outbox: Outbox,
    private readonly feed: EventFeed,
    private readonly transactions: Transactions,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  promoted(promotion: ModelPromoted): Promise<void> {
    return this.say(promotion.cause, {
      id: randomUUID(),
      source: SOURCE,
      type: 'model.promoted',
      subject: promotion.model,
      time: promotion.promotedAt,
      data: promotion,
    });
  }

  retired(model: string, generation: number, at: string): Promise<void> {
    return this.say('retired', {
      id: randomUUID(),
      source: SOURCE,
      type: 'model.promoted',
      subject: model,
      time: at,
      generation,
      data: null,
    });
  }

  /** We do not hear our own `model.promoted`, so the feed gets it here. */
  private async say(cause: string, event: CloudEvent & { subject: string }): Promise<void> {
    await this.outbox.add(writeEvent('model.promoted', event.subject, event));
    await this.feed.add(event);
    this.transactions.afterCommit(() => {
      this.metrics.count('baton_registry_promotions_total', { cause });
    });
  }
}
