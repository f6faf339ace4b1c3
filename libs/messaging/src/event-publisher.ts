import type { CloudEvent, OutgoingRecord } from '#contracts';
import { writeEvent } from '#contracts';

/** Says things on the bus. A promise that resolves means: the record is durable and in order behind its key's earlier ones. */
export abstract class EventPublisher {
  /** Publishes bytes as they are; outbox relays and redriven dead letters use this. */
  abstract publishRecord(record: OutgoingRecord): Promise<void>;

  /** Publishes one event in CloudEvents binary mode; `event.data === null` writes a tombstone. */
  publish(topic: string, key: string, event: CloudEvent): Promise<void> {
    return this.publishRecord(writeEvent(topic, key, event));
  }
}
