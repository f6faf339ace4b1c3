import type { OutgoingRecord } from '#contracts';

/** Takes records in the transaction that makes them true; the relay puts them on the bus afterwards, in order. */
export abstract class Outbox {
  abstract add(record: OutgoingRecord): Promise<void>;
}
