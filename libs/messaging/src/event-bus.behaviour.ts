import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingRecord, RawRecord, TopicSpec } from '#contracts';
import { eventually, uniqueName } from '#testing';
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

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = ({ value }: { value: Uint8Array | null }): string =>
  value === null ? '<null>' : new TextDecoder().decode(value);

/** What every bus promises, whatever it is made of. */
export const behavesAsEventBus = (make: () => Promise<BusUnderTest>): void => {
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
  ): Promise<{ seen: RawRecord[]; subscription: Subscription; group: string }> => {
    const seen: RawRecord[] = [];
    const group = over.group ?? uniqueName('group');
    const handler: RecordHandler = (record) => {
      seen.push(record);
      return Promise.resolve();
    };
    const subscription = await on.subscribe({ topic, from: 'start', handler, ...over, group });
    return { seen, subscription, group };
  };

  describe('publishing', () => {
    it('keeps bytes, key and headers as they are', async () => {
      const topic = await madeTopic();
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const headers = { ce_id: 'ä-1', 'content-type': 'application/octet-stream', empty: '' };
      await bus.publishRecord({ topic, key: 'Schlüssel/1', value, headers });
      const { seen } = await follow(topic);
      await eventually(() => {
        expect(seen).toHaveLength(1);
      });
      expect(seen[0]).toMatchObject({ topic, key: 'Schlüssel/1', headers });
      expect([...(seen[0].value ?? [])]).toEqual([...value]);
      expect(Math.abs(seen[0].timestamp - Date.now())).toBeLessThan(600_000);
    });

    it('is durable once it resolved: another process reads it', async () => {
      const topic = await madeTopic();
      const writer = another();
      await writer.publishRecord({ topic, key: 'k', value: bytes('said'), headers: {} });
      await writer.close();
      const { seen } = await follow(topic, {}, another());
      await eventually(() => {
        expect(seen.map(text)).toEqual(['said']);
      });
    });

    it('keeps the order of a key, also of calls that nobody awaited', async () => {
      const topic = await madeTopic();
      const said = Array.from({ length: 60 }, (_, index) => ({ key: `k${String(index % 4)}`, value: String(index) }));
      await Promise.all(said.map(({ key, value }) => say(topic, key, value)));
      const { seen } = await follow(topic);
      await eventually(() => {
        expect(seen).toHaveLength(60);
      });
      for (const key of ['k0', 'k1', 'k2', 'k3'])
        expect(seen.filter((record) => record.key === key).map(text)).toEqual(
          said.filter((record) => record.key === key).map(({ value }) => value),
        );
      expect(new Set(seen.filter(({ key }) => key === 'k1').map(({ partition }) => partition)).size).toBe(1);
    });

    it('writes tombstones, with their headers', async () => {
      const topic = await madeTopic({ cleanup: 'compact', retentionMs: -1 });
      await say(topic, 'm', null, { headers: { ce_generation: '7' } });
      const { seen } = await follow(topic);
      await eventually(() => {
        expect(seen).toMatchObject([{ key: 'm', value: null, headers: { ce_generation: '7' } }]);
      });
    });

    it('reads a record without a key', async () => {
      const topic = await madeTopic();
      await under.sayKeyless(topic, bytes('{"a":1}'));
      const { seen } = await follow(topic);
      await eventually(() => {
        expect(seen.map((record) => [record.key, text(record)])).toEqual([[null, '{"a":1}']]);
      });
    });
  });

  describe('topics', () => {
    it('are made once, by however many at the same time', async () => {
      const name = uniqueName('topic');
      const spec: TopicSpec = { name, partitions: 2, cleanup: 'delete', retentionMs: 3_600_000 };
      await Promise.all([bus.ensureTopics([spec]), another().ensureTopics([spec]), another().ensureTopics([spec])]);
      await bus.ensureTopics([{ ...spec, partitions: 5 }]);
      expect(await bus.topicNames()).toContain(name);
      await say(name, 'k', 'v');
    });
  });

  describe('groups', () => {
    it('each hear everything', async () => {
      const topic = await madeTopic();
      for (const value of ['1', '2', '3']) await say(topic, value, value);
      const [one, other] = [await follow(topic), await follow(topic, {}, another())];
      await eventually(() => {
        expect(one.seen.map(text).sort()).toEqual(['1', '2', '3']);
        expect(other.seen.map(text).sort()).toEqual(['1', '2', '3']);
      });
    });

    it('share their topic among their members, and each record goes to one', async () => {
      const topic = await madeTopic({ partitions: 4 });
      const group = uniqueName('group');
      const one = await follow(topic, { group });
      const other = await follow(topic, { group }, another());
      let round = 0;
      await eventually(async () => {
        round += 1;
        for (let key = 0; key < 12; key += 1) await say(topic, `${String(round)}-${String(key)}`, 'x');
        expect(one.seen.length).toBeGreaterThan(0);
        expect(other.seen.length).toBeGreaterThan(0);
      }, 40_000);
      await eventually(() => {
        const keys = new Set([...one.seen, ...other.seen].map(({ key }) => key));
        expect(keys.size).toBe(round * 12);
      });
    });

    it('go on where they were', async () => {
      const topic = await madeTopic();
      await say(topic, 'k', 'before');
      const first = await follow(topic);
      await eventually(() => {
        expect(first.seen.map(text)).toEqual(['before']);
      });
      await first.subscription.close();
      await say(topic, 'k', 'meanwhile');
      const second = await follow(topic, { group: first.group }, another());
      await eventually(() => {
        expect(second.seen.map(text)).toEqual(['meanwhile']);
      });
    });

    it('that begin at the end hear what is said from then on, also when a member dies before its first record', async () => {
      const topic = await madeTopic();
      await say(topic, 'k', 'old');
      const first = another();
      const { group, seen: none } = await follow(topic, { from: 'end' }, first);
      await first.close();
      await say(topic, 'k', 'new');
      const { seen } = await follow(topic, { from: 'end', group });
      await eventually(() => {
        expect(seen.map(text)).toEqual(['new']);
      });
      expect(none).toEqual([]);
    });
  });

  describe('a handler that resolves is the commit', () => {
    it('so a record whose handler never did comes again after a crash, to another member', async () => {
      const topic = await madeTopic();
      const group = uniqueName('group');
      await say(topic, 'k', 'one');
      await say(topic, 'k', 'two');
      const dying = another();
      const started: string[] = [];
      let end: () => void = () => undefined;
      const never = new Promise<void>((resolve) => {
        end = resolve;
      });
      await dying.subscribe({
        topic,
        group,
        from: 'start',
        handler: async (record) => {
          started.push(text(record));
          if (started.length >= 2) await never;
        },
      });
      await eventually(() => {
        expect(started).toEqual(['one', 'two']);
      });
      await under.crash(dying, group);
      const { seen } = await follow(topic, { group });
      await eventually(() => {
        expect(seen.map(text)).toEqual(['two']);
      }, 40_000);
      end();
    });

    it('and the next record of the partition waits for it', async () => {
      const topic = await madeTopic({ partitions: 1 });
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const seen: string[] = [];
      await say(topic, 'a', 'first');
      await say(topic, 'b', 'second');
      await follow(topic, {
        handler: async (record) => {
          seen.push(`begin ${text(record)}`);
          if (text(record) === 'first') await held;
          seen.push(`end ${text(record)}`);
        },
      });
      await eventually(() => {
        expect(seen).toEqual(['begin first']);
      });
      release();
      await eventually(() => {
        expect(seen).toEqual(['begin first', 'end first', 'begin second', 'end second']);
      });
    });

    it('and one that works longer than a session is not started again, anywhere', async () => {
      const topic = await madeTopic({ partitions: 1 });
      const group = uniqueName('group');
      await say(topic, 'k', 'long');
      await say(topic, 'k', 'next');
      const begun: string[] = [];
      const handler: RecordHandler = async (record) => {
        begun.push(text(record));
        if (text(record) === 'long') await new Promise((resolve) => setTimeout(resolve, under.beyondSessionMs));
      };
      await follow(topic, { group, handler });
      await eventually(() => {
        expect(begun).toEqual(['long']);
      });
      await eventually(() => {
        expect(begun).toEqual(['long', 'next']);
      }, under.beyondSessionMs + 20_000);
    });

    it('and one that rejects stops its subscription for good, uncommitted', async () => {
      const topic = await madeTopic();
      await say(topic, 'k', 'poison');
      const fault = new SyntaxError('a bug in the shell');
      const { subscription, group } = await follow(topic, { handler: () => Promise.reject(fault) });
      await expect(subscription.stopped).rejects.toBe(fault);
      const { seen } = await follow(topic, { group });
      await eventually(() => {
        expect(seen.map(text)).toEqual(['poison']);
      });
    });
  });

  describe('closing', () => {
    it('waits for the running handler and keeps what it did', async () => {
      const topic = await madeTopic({ partitions: 1 });
      const seen: string[] = [];
      await say(topic, 'k', 'running');
      const { subscription, group } = await follow(topic, {
        handler: async (record) => {
          seen.push('begin');
          await new Promise((resolve) => setTimeout(resolve, 300));
          seen.push(text(record));
        },
      });
      await eventually(() => {
        expect(seen).toEqual(['begin']);
      });
      await subscription.close();
      expect(seen).toEqual(['begin', 'running']);
      await subscription.stopped;
      await say(topic, 'k', 'later');
      const after = await follow(topic, { group });
      await eventually(() => {
        expect(after.seen.map(text)).toEqual(['later']);
      });
    });

    it('tells a waiting handler by its signal, and its record comes again', async () => {
      const topic = await madeTopic();
      await say(topic, 'k', 'waiting');
      let begun = false;
      const { subscription, group } = await follow(topic, {
        handler: (_record, _heartbeat, signal) =>
          new Promise((_, reject) => {
            begun = true;
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          }),
      });
      await eventually(() => {
        expect(begun).toBe(true);
      });
      await subscription.close();
      await subscription.stopped;
      const { seen } = await follow(topic, { group });
      await eventually(() => {
        expect(seen.map(text)).toEqual(['waiting']);
      });
    });
  });

  describe('caught up', () => {
    it('means that what lay there has been handled; then it follows', async () => {
      const topic = await madeTopic();
      for (let index = 0; index < 20; index += 1) await say(topic, `k${String(index)}`, String(index));
      const { seen, subscription } = await follow(topic);
      await subscription.caughtUp;
      expect(seen).toHaveLength(20);
      await say(topic, 'k', 'after');
      await eventually(() => {
        expect(seen).toHaveLength(21);
      });
    });

    it('comes at once for an empty topic', async () => {
      const { subscription } = await follow(await madeTopic());
      await subscription.caughtUp;
    });

    it('comes to a group that had read everything before', async () => {
      const topic = await madeTopic();
      await say(topic, 'k', 'v');
      const first = await follow(topic);
      await first.subscription.caughtUp;
      await first.subscription.close();
      const second = await follow(topic, { group: first.group });
      await second.subscription.caughtUp;
      expect(second.seen).toEqual([]);
    });

    it('waits for the handler of the last record', async () => {
      const topic = await madeTopic();
      await say(topic, 'k', 'v');
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let isCaughtUp = false;
      let begun = false;
      const { subscription } = await follow(topic, {
        handler: async () => {
          begun = true;
          await held;
        },
      });
      void subscription.caughtUp.then(() => (isCaughtUp = true));
      await eventually(() => {
        expect(begun).toBe(true);
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(isCaughtUp).toBe(false);
      release();
      await subscription.caughtUp;
    });
  });

  describe('reading all', () => {
    it('gives everything, in order within a partition, and ends; twice the same', async () => {
      const topic = await madeTopic();
      for (let index = 0; index < 10; index += 1) await say(topic, `k${String(index % 3)}`, String(index));
      for (let time = 0; time < 2; time += 1) {
        const read: RawRecord[] = [];
        for await (const record of bus.readAll(topic)) read.push(record);
        expect(read.map(text).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        const ofKey = read.filter(({ key }) => key === 'k1').map(text);
        expect(ofKey).toEqual(['1', '4', '7']);
      }
    });

    it('of an empty topic ends at once', async () => {
      const read: RawRecord[] = [];
      for await (const record of bus.readAll(await madeTopic())) read.push(record);
      expect(read).toEqual([]);
    });
  });

  it('says that it is healthy', async () => {
    expect(await bus.healthy()).toBe(true);
  });
};
