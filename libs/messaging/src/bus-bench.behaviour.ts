import { afterAll, afterEach, beforeAll } from 'vitest';
import type { OutgoingRecord, RawRecord, TopicSpec } from '#contracts';
import { uniqueName } from '#testing';
import type { EventBus, RecordHandler, Subscription, SubscriptionSpec } from './event-bus.js';

export interface BusUnderTest {
  /** A bus on the same service; each call is as good as a process of its own. */
  open: () => EventBus;
  /** Ends a bus's subscriptions without commit, as `kill -9` would; the next member need not wait for a session. */
  crash: (bus: EventBus, group: string) => Promise<void>;
  /** Writes a record without a key, as kcat does. */
  sayKeyless: (topic: string, value: Uint8Array) => Promise<void>;
  /** Longer than the session (or lease) of a member, in milliseconds. */
  beyondSessionMs: number;
  close: () => Promise<void>;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = ({ value }: { value: Uint8Array | null }): string =>
  value === null ? '<null>' : new TextDecoder().decode(value);

/** A topic followed into a list. */
export interface Following {
  seen: RawRecord[];
  subscription: Subscription;
  group: string;
}

/** What the tests of a bus work with; one per suite, cleared after each test. */
export interface BusBench {
  readonly under: BusUnderTest;
  readonly bus: EventBus;
  another: () => EventBus;
  madeTopic: (over?: Partial<TopicSpec>) => Promise<string>;
  say: (topic: string, key: string, value: string | null, over?: Partial<OutgoingRecord>) => Promise<void>;
  follow: (topic: string, over?: Partial<SubscriptionSpec>, on?: EventBus) => Promise<Following>;
}

export const busBench = (make: () => Promise<BusUnderTest>): BusBench => {
  let under: BusUnderTest;
  let bus: EventBus;
  const opened: EventBus[] = [];
  beforeAll(async () => {
    under = await make();
    bus = under.open();
  });
  afterEach(async () => {
    await Promise.all([bus.stopListening(), ...opened.splice(0).map((other) => other.close())]);
  });
  afterAll(async () => {
    await bus.close();
    await under.close();
  });

  const another = (): EventBus => {
    const other = under.open();
    opened.push(other);
    return other;
  };

  const madeTopic = async (over: Partial<TopicSpec> = {}): Promise<string> => {
    const name = uniqueName('topic');
    await bus.ensureTopics([{ name, partitions: 3, cleanup: 'delete', retentionMs: 3_600_000, ...over }]);
    return name;
  };

  const say = (topic: string, key: string, value: string | null, over: Partial<OutgoingRecord> = {}) =>
    bus.publishRecord({ topic, key, value: value === null ? null : bytes(value), headers: {}, ...over });

  /** Follows a topic into a list. */
  const follow = async (
    topic: string,
    over: Partial<SubscriptionSpec> = {},
    on: EventBus = bus,
  ): Promise<Following> => {
    const seen: RawRecord[] = [];
    const group = over.group ?? uniqueName('group');
    const handler: RecordHandler = (record) => {
      seen.push(record);
      return Promise.resolve();
    };
    const subscription = await on.subscribe({ topic, from: 'start', handler, ...over, group });
    return { seen, subscription, group };
  };
  return {
    get under() {
      return under;
    },
    get bus() {
      return bus;
    },
    another,
    madeTopic,
    say,
    follow,
  };
};
