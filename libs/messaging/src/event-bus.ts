import type { RawRecord, TopicSpec } from '#contracts';
import { EventPublisher } from './event-publisher.js';

/**
 * Called for one record at a time per partition. **Resolving is the commit**: the position moves past the record.
 * Rejecting means a bug in the shell around it: the subscription stops and `stopped` rejects.
 * `heartbeat` may be called during long work; adapters also beat on their own. `signal` is aborted when the place is lost
 * or the subscription closes: a handler that only waits rejects then, and the record stays uncommitted.
 */
export type RecordHandler = (record: RawRecord, heartbeat: () => Promise<void>, signal: AbortSignal) => Promise<void>;

export interface SubscriptionSpec {
  topic: string;
  /** Members of one group share the partitions and the committed positions. */
  group: string;
  /** Where a group without a committed position begins. */
  from: 'start' | 'end';
  handler: RecordHandler;
  /** Gives up a `subscribe` that still waits for the bus or the topic. */
  signal?: AbortSignal;
}

export interface Subscription {
  /** Resolves when every record that lay in the topic at the moment of subscribing has been handled (at once when none lay there). */
  readonly caughtUp: Promise<void>;
  /** Settles when the subscription ended: resolves after `close()`, rejects when it stopped for good on its own. */
  readonly stopped: Promise<void>;
  /** Waits for the running handlers, commits, leaves the group. */
  close(): Promise<void>;
}

/** The bus as a port. Three adapters keep its promises (`event-bus.behaviour.ts`): kafka/, postgres/, memory/. */
export abstract class EventBus extends EventPublisher {
  /** Makes the topics that are missing; leaves the others alone. */
  abstract ensureTopics(topics: TopicSpec[]): Promise<void>;
  abstract topicNames(): Promise<string[]>;
  /**
   * Resolves when the place in the topic is fixed: what is said from now on will be handled. While the bus does not answer
   * or the topic is missing it keeps trying and logs that; `SHUTTING_DOWN` when it was given up or the bus was closed.
   */
  abstract subscribe(spec: SubscriptionSpec): Promise<Subscription>;
  /** Everything that lies in a topic now, oldest first within a partition, without a group; ends at the position seen at the start. */
  abstract readAll(topic: string): AsyncIterable<RawRecord>;
  /** True while the bus answers. */
  abstract healthy(): Promise<boolean>;
  /** Closes every subscription and waits for the running handlers; publishing still works. */
  abstract stopListening(): Promise<void>;
  /** `stopListening`, then lets go of every connection. */
  abstract close(): Promise<void>;
}
