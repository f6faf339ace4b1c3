import { describe, expect, it } from 'vitest';
import { eventually, uniqueName } from '#testing';
import { text, type BusBench } from './bus-bench.behaviour.js';

/** Who hears what, from where on, and when one has come to the end. */
export const servesGroups = (bench: BusBench): void => {
  const { another, madeTopic, say, follow } = bench;
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

    it('may follow several topics', async () => {
      const [one, other] = [await madeTopic(), await madeTopic({ partitions: 2 })];
      const group = uniqueName('group');
      const first = await follow(one, { group });
      const second = await follow(other, { group });
      for (let index = 0; index < 6; index += 1) {
        await say(one, String(index), `one ${String(index)}`);
        await say(other, String(index), `other ${String(index)}`);
      }
      const all = (name: string) => Array.from({ length: 6 }, (_, index) => `${name} ${String(index)}`);
      await eventually(() => {
        expect(first.seen.map(text).sort()).toEqual(all('one'));
        expect(second.seen.map(text).sort()).toEqual(all('other'));
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
};
