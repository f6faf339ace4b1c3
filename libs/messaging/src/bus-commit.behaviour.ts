import { describe, expect, it } from 'vitest';
import { eventually, uniqueName } from '#testing';
import { text, type BusBench } from './bus-bench.behaviour.js';
import type { RecordHandler } from './event-bus.js';

/** What a handler's outcome means, whatever happens to its process. */
export const commitsByHandler = (bench: BusBench): void => {
  const { another, madeTopic, say, follow } = bench;
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
      await bench.under.crash(dying, group);
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
        if (text(record) === 'long') await new Promise((resolve) => setTimeout(resolve, bench.under.beyondSessionMs));
      };
      await follow(topic, { group, handler });
      await eventually(() => {
        expect(begun).toEqual(['long']);
      });
      await eventually(() => {
        expect(begun).toEqual(['long', 'next']);
      }, bench.under.beyondSessionMs + 20_000);
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
};
