import type { CloudEvent, EventName } from '#contracts';
import type { Metrics } from '#runtime';
import type { EventFeed } from './event-feed.js';
import type { Transactions } from './transactions.js';

/** What every consumer does: the effect and the line in the feed, in one transaction; heard again, neither changes anything. */
export class HearEvent {
  constructor(
    private readonly transactions: Transactions,
    private readonly feed: EventFeed,
    private readonly metrics: Metrics,
  ) {}

  /** `topic` is the event's name here; a producer may have written a type of its own. */
  async execute<T>(
    topic: EventName,
    event: CloudEvent,
    effect: () => Promise<T>,
    isNews: (result: T) => boolean = () => true,
  ): Promise<T> {
    const result = await this.transactions.run(async () => {
      const done = await effect();
      if (isNews(done)) await this.feed.add({ ...event, type: topic });
      return done;
    });
    this.counted(topic);
    return result;
  }

  /** For what was heard and had no effect to bring about. */
  counted(topic: EventName): void {
    this.metrics.count('baton_registry_events_heard_total', { topic });
  }
}
