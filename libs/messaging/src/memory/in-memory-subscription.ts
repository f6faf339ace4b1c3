import type { RawRecord } from '#contracts';
import { PlatformError } from '#runtime';
import { deferred } from '../deferred.js';
import type { Subscription, SubscriptionSpec } from '../event-bus.js';
import type { Log } from './log.js';

interface Places {
  position: (partition: number) => number;
  commit: (partition: number, next: number) => void;
  isDown: () => boolean;
  /** Whether the partition is this member's share of the group. */
  isMine: (partition: number) => boolean;
  ended: () => void;
  /** A partition is free again: whoever holds it now takes the next record. */
  handled: () => void;
}

/** One member of a group. Of each partition one record is handled at a time; members share the partitions evenly. */
export class InMemorySubscription implements Subscription {
  private readonly caught = deferred();
  private readonly ended = deferred();
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<void>>();
  /** Grows at each rewind: what was begun before commits nothing any more. */
  private generation = 0;
  private readonly targets: number[];
  readonly caughtUp = this.caught.promise;
  readonly stopped = this.ended.promise;

  constructor(
    readonly spec: SubscriptionSpec,
    private readonly log: Log,
    private readonly places: Places,
  ) {
    this.targets = log.parts.map(({ records }) => records.length);
  }

  isOf(topic: string, group: string): boolean {
    return this.spec.topic === topic && this.spec.group === group;
  }

  rewind(): void {
    this.generation += 1;
    this.wake();
  }

  crash(): void {
    this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    this.generation += 1;
    for (const part of this.log.parts)
      if (part.takenBy.get(this.spec.group) === this) part.takenBy.delete(this.spec.group);
    this.ended.resolve();
    this.places.ended();
  }

  wake(): void {
    if (this.log.parts.every(({ partition }) => this.places.position(partition) >= this.targets[partition]))
      this.caught.resolve();
    for (const part of this.log.parts) this.take(part);
  }

  async close(): Promise<void> {
    this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    await Promise.all(this.running);
    this.ended.resolve();
    this.places.ended();
  }

  private take(part: Log['parts'][number]): void {
    const { group } = this.spec;
    if (this.closing.signal.aborted || this.places.isDown() || part.takenBy.has(group)) return;
    if (!this.places.isMine(part.partition)) return;
    const record = part.records.at(this.places.position(part.partition));
    if (record === undefined) return;
    part.takenBy.set(group, this);
    const work = this.work(record).finally(() => {
      this.running.delete(work);
      if (part.takenBy.get(group) === this) part.takenBy.delete(group);
      this.places.handled();
    });
    this.running.add(work);
  }

  private async work(record: RawRecord): Promise<void> {
    const { generation } = this;
    await Promise.resolve();
    try {
      await this.spec.handler(record, () => Promise.resolve(), this.closing.signal);
      if (generation === this.generation) this.places.commit(record.partition, Number(record.offset) + 1);
    } catch (error) {
      if (this.closing.signal.aborted) return;
      this.closing.abort(error);
      this.ended.reject(error);
      this.places.ended();
    }
  }
}
