import { flow, type OutgoingRecord, type RawRecord, type TopicSpec } from '#contracts';
import { type Clock, PlatformError, SystemClock } from '#runtime';
import { EventBus, type Subscription, type SubscriptionSpec } from '../event-bus.js';
import { partitionOf } from '../partition-of.js';
import { InMemorySubscription } from './in-memory-subscription.js';
import type { Log } from './log.js';

const DEFAULT_PARTITIONS = 3;

/**
 * The bus in one process, for tests: keeps every promise of the port, and fails, crashes and redelivers on demand. A topic
 * that is missing is made at first use.
 */
export class InMemoryEventBus extends EventBus {
  private readonly logs = new Map<string, Log>();
  /** Next offset per `group/topic/partition`. */
  private readonly positions = new Map<string, number>();
  private readonly subscriptions = new Set<InMemorySubscription>();
  private readonly failures: Error[] = [];
  private down = false;

  constructor(private readonly clock: Clock = new SystemClock()) {
    super();
  }

  /** The next publishes fail with these errors, one each. */
  failNextPublishes(...errors: Error[]): void {
    this.failures.push(...errors);
  }

  /** While down, publishing throws `BUS_UNAVAILABLE`, nothing is delivered and new subscriptions wait. */
  setDown(down: boolean): void {
    this.down = down;
    this.wakeAll();
  }

  get isDown(): boolean {
    return this.down;
  }

  /** Delivers everything of a topic to a group once more, as after a crash before the commit. */
  redeliver(topic: string, group: string): void {
    for (const { partition } of this.log(topic).parts) this.positions.set(placeOf(group, topic, partition), 0);
    for (const subscription of this.subscriptions) if (subscription.isOf(topic, group)) subscription.rewind();
  }

  /** Ends the group's subscriptions as a kill would: running handlers are left alone and nothing more is committed. */
  crash(group: string): void {
    for (const subscription of this.subscriptions) if (subscription.spec.group === group) subscription.crash();
    this.wakeAll();
  }

  /** Writes a record as another producer might: with a null key, at a partition of its choice. */
  inject(topic: string, record: { partition?: number } & Pick<RawRecord, 'key' | 'value' | 'headers'>): RawRecord {
    const log = this.log(topic);
    const partition = record.partition ?? (record.key === null ? 0 : partitionOf(record.key, log.parts.length));
    const { records } = log.parts[partition];
    const written: RawRecord = {
      topic,
      partition,
      offset: String(records.length),
      timestamp: this.clock.now(),
      key: record.key,
      value: record.value === null ? null : Uint8Array.from(record.value),
      headers: { ...record.headers },
    };
    records.push(written);
    this.wakeAll();
    return written;
  }

  publishRecord(record: OutgoingRecord): Promise<void> {
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    if (this.down) return Promise.reject(new PlatformError('BUS_UNAVAILABLE'));
    this.inject(record.topic, record);
    return Promise.resolve();
  }

  ensureTopics(topics: TopicSpec[]): Promise<void> {
    for (const { name, partitions } of topics) this.log(name, partitions);
    return Promise.resolve();
  }

  topicNames(): Promise<string[]> {
    return Promise.resolve([...this.logs.keys()].sort());
  }

  async subscribe(spec: SubscriptionSpec): Promise<Subscription> {
    while (this.down) {
      if (spec.signal?.aborted) throw new PlatformError('SHUTTING_DOWN');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const log = this.log(spec.topic);
    for (const { partition, records } of log.parts) {
      const place = placeOf(spec.group, spec.topic, partition);
      if (!this.positions.has(place)) this.positions.set(place, spec.from === 'start' ? 0 : records.length);
    }
    const subscription: InMemorySubscription = new InMemorySubscription(spec, log, {
      position: (partition) => this.positions.get(placeOf(spec.group, spec.topic, partition)) ?? 0,
      commit: (partition, next) => {
        this.positions.set(placeOf(spec.group, spec.topic, partition), next);
        this.wakeAll();
      },
      isDown: () => this.down,
      isMine: (partition): boolean => {
        const members = [...this.subscriptions].filter((member) => member.isOf(spec.topic, spec.group));
        return members.indexOf(subscription) === partition % members.length;
      },
      handled: () => {
        this.wakeAll();
      },
      ended: () => {
        this.subscriptions.delete(subscription);
        this.wakeAll();
      },
    });
    this.subscriptions.add(subscription);
    subscription.wake();
    return subscription;
  }

  async *readAll(topic: string): AsyncGenerator<RawRecord> {
    for (const { records } of this.log(topic).parts) yield* await Promise.resolve([...records]);
  }

  healthy(): Promise<boolean> {
    return Promise.resolve(!this.down);
  }

  async stopListening(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
  }

  close(): Promise<void> {
    return this.stopListening();
  }

  /** Another process's view of the same bus: closing it ends its own subscriptions only. */
  connection(): EventBus {
    return new InMemoryConnection(this);
  }

  private wakeAll(): void {
    for (const subscription of this.subscriptions) subscription.wake();
  }

  private log(topic: string, partitions = partitionsOf(topic)): Log {
    const known = this.logs.get(topic);
    if (known !== undefined) return known;
    const log: Log = {
      parts: Array.from({ length: partitions }, (_, partition) => ({ partition, records: [], takenBy: new Map() })),
    };
    this.logs.set(topic, log);
    return log;
  }
}

class InMemoryConnection extends EventBus {
  private readonly subscriptions: Subscription[] = [];

  constructor(private readonly service: InMemoryEventBus) {
    super();
  }

  publishRecord(record: OutgoingRecord): Promise<void> {
    return this.service.publishRecord(record);
  }
  ensureTopics(topics: TopicSpec[]): Promise<void> {
    return this.service.ensureTopics(topics);
  }
  topicNames(): Promise<string[]> {
    return this.service.topicNames();
  }
  async subscribe(spec: SubscriptionSpec): Promise<Subscription> {
    const subscription = await this.service.subscribe(spec);
    this.subscriptions.push(subscription);
    return subscription;
  }
  readAll(topic: string): AsyncIterable<RawRecord> {
    return this.service.readAll(topic);
  }
  healthy(): Promise<boolean> {
    return this.service.healthy();
  }
  async stopListening(): Promise<void> {
    await Promise.all(this.subscriptions.splice(0).map((subscription) => subscription.close()));
  }
  close(): Promise<void> {
    return this.stopListening();
  }
}

const placeOf = (group: string, topic: string, partition: number): string => `${group}/${topic}/${String(partition)}`;

const partitionsOf = (topic: string): number =>
  Object.hasOwn(flow, topic) ? flow[topic as keyof typeof flow].partitions : DEFAULT_PARTITIONS;
