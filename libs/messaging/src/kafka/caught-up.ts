import type { ConsumerFetchEvent, ConsumerFetchStartEvent } from 'kafkajs';
import { MAX_WAIT_MS } from './kafka-client.js';

/** Rounds in which a broker waited in full and had nothing; two, so that one odd answer decides nothing. */
const IDLE_ROUNDS = 2;

/**
 * Tells when a member has come to where the topic ended as it began. *Position* decides, not records: compaction or
 * retention may have emptied the tail, and then no record ever arrives to say so.
 */
export class CaughtUpTracker {
  private readonly remaining: Map<number, bigint>;
  private assigned = new Set<number>();
  private batches = 0;
  /** Per broker: how many full waits without a record in a row, and how many batches there had been before. */
  private readonly brokers = new Map<number, { idle: number; batches: number }>();

  constructor(ends: Map<number, bigint>) {
    this.remaining = new Map(ends);
  }

  get isCaughtUp(): boolean {
    return this.remaining.size === 0;
  }

  /** The next offset of a partition, from whoever knows it: a handled record, the group's commits, the log's beginning. */
  reached(partition: number, next: bigint): void {
    const end = this.remaining.get(partition);
    if (end !== undefined && next >= end) this.remaining.delete(partition);
  }

  assignedTo(partitions: number[]): void {
    this.assigned = new Set(partitions);
    this.brokers.clear();
  }

  batchBegan(): void {
    this.batches += 1;
  }

  /** A fetch that failed comes back early or very late; only one that waited its time says "there is nothing". */
  fetched({ nodeId, duration }: ConsumerFetchEvent['payload']): void {
    const waited = duration >= MAX_WAIT_MS * 0.9 && duration <= MAX_WAIT_MS * 5;
    const before = this.brokers.get(nodeId);
    this.brokers.set(nodeId, { idle: waited ? (before?.idle ?? 0) : -1, batches: this.batches });
  }

  /** The next round begins: had the last one brought nothing? */
  fetchStarts({ nodeId }: ConsumerFetchStartEvent['payload']): void {
    const last = this.brokers.get(nodeId);
    if (last === undefined) return;
    last.idle = last.batches === this.batches ? last.idle + 1 : 0;
    if ([...this.brokers.values()].every(({ idle }) => idle >= IDLE_ROUNDS))
      for (const partition of this.assigned) this.remaining.delete(partition);
  }
}
