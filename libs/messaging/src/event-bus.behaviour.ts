import { describe, expect, it } from 'vitest';
import type { RawRecord, TopicSpec } from '#contracts';
import { eventually, uniqueName } from '#testing';
import { busBench, bytes, text, type BusUnderTest } from './bus-bench.behaviour.js';
import { commitsByHandler } from './bus-commit.behaviour.js';
import { servesGroups } from './bus-groups.behaviour.js';

/** What every bus promises, whatever it is made of. */
export const behavesAsEventBus = (make: () => Promise<BusUnderTest>): void => {
  const bench = busBench(make);
  const { another, madeTopic, say, follow } = bench;

  describe('publishing', () => {
    it('keeps bytes, key and headers as they are', async () => {
      const topic = await madeTopic();
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const headers = { ce_id: 'ä-1', 'content-type': 'application/octet-stream', empty: '' };
      await bench.bus.publishRecord({ topic, key: 'Schlüssel/1', value, headers });
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
      await bench.under.sayKeyless(topic, bytes('{"a":1}'));
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
      await Promise.all([
        bench.bus.ensureTopics([spec]),
        another().ensureTopics([spec]),
        another().ensureTopics([spec]),
      ]);
      await bench.bus.ensureTopics([{ ...spec, partitions: 5 }]);
      expect(await bench.bus.topicNames()).toContain(name);
      await say(name, 'k', 'v');
    });
  });

  servesGroups(bench);
  commitsByHandler(bench);

  describe('reading all', () => {
    it('gives everything, in order within a partition, and ends; twice the same', async () => {
      const topic = await madeTopic();
      for (let index = 0; index < 10; index += 1) await say(topic, `k${String(index % 3)}`, String(index));
      for (let time = 0; time < 2; time += 1) {
        const read: RawRecord[] = [];
        for await (const record of bench.bus.readAll(topic)) read.push(record);
        expect(read.map(text).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        const ofKey = read.filter(({ key }) => key === 'k1').map(text);
        expect(ofKey).toEqual(['1', '4', '7']);
      }
    });

    it('of an empty topic ends at once', async () => {
      const read: RawRecord[] = [];
      for await (const record of bench.bus.readAll(await madeTopic())) read.push(record);
      expect(read).toEqual([]);
    });
  });

  it('says that it is healthy', async () => {
    expect(await bench.bus.healthy()).toBe(true);
  });
};
