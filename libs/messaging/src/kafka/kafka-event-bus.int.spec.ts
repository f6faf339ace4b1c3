import { connect, type Socket } from 'node:net';
import { ConfigResourceTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SilentLogger } from '#runtime';
import { eventually, services, uniqueName } from '#testing';
import { deferred } from '../deferred.js';
import { behavesAsEventBus } from '../event-bus.behaviour.js';
import { KafkaEventBus } from './kafka-event-bus.js';
import { fixRequestQueue } from './request-queue-fix.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** The broker's lower limit; the test of a dead member waits for it. */
const SESSION_MS = 6_000;

/** The line between one bus and the broker: it can be cut, once or until mended. */
class Line {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  readonly open = ({ host, port }: { host: string; port: number }): Socket => {
    const socket = connect({ host, port: this.isCut ? 1 : port });
    this.sockets.add(socket);
    return socket;
  };

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy(new Error('The line was cut.'));
    this.sockets.clear();
  }

  /** Nothing that the broker says is heard any more. */
  hang(): void {
    for (const socket of this.sockets) socket.pause().on('resume', () => socket.pause());
  }

  mend(): void {
    this.isCut = false;
  }
}

describe.skipIf(!services().kafka)('KafkaEventBus', () => {
  const lines = new WeakMap<object, Line>();
  fixRequestQueue();
  const brokers = services().kafka ?? [];
  const raw = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = raw.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const admin = raw.admin();
  const open = () => {
    const line = new Line();
    const bus = new KafkaEventBus({
      brokers,
      logger: new SilentLogger(),
      times: { sessionMs: SESSION_MS, heartbeatMs: 1_000 },
      socket: line.open,
    });
    lines.set(bus, line);
    return bus;
  };
  beforeAll(async () => {
    await Promise.all([producer.connect(), admin.connect()]);
  });
  afterAll(async () => {
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });

  behavesAsEventBus(() =>
    Promise.resolve({
      open,
      crash: (bus) => {
        lines.get(bus)?.cut();
        return Promise.resolve();
      },
      sayKeyless: async (topic, value) => {
        await producer.send({ topic, messages: [{ key: null, value: Buffer.from(value) }] });
      },
      beyondSessionMs: SESSION_MS * 2,
      close: () => Promise.resolve(),
    }),
  );

  const madeTopic = async (bus: KafkaEventBus, partitions = 1): Promise<string> => {
    const topic = uniqueName('topic');
    await bus.ensureTopics([{ name: topic, partitions, cleanup: 'delete', retentionMs: 3_600_000 }]);
    return topic;
  };

  it('makes topics though several that are missing were asked for at the same time', async () => {
    const bus = open();
    const names = [uniqueName('topic'), uniqueName('topic'), uniqueName('topic')];
    await Promise.all(names.map((name) => expect(bus.readAll(name).next()).rejects.toThrow('does not exist')));
    for (const name of names)
      await bus.ensureTopics([{ name, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    expect(await bus.topicNames()).toEqual(expect.arrayContaining(names));
    await bus.close();
  });

  it('closes within seconds though it still waits to be let into its group', async () => {
    const [busy, waiting] = [open(), open()];
    const topic = await madeTopic(busy);
    const group = uniqueName('group');
    const [begun, over] = [deferred(), deferred()];
    const handler = async () => {
      begun.resolve();
      await over.promise;
    };
    await busy.subscribe({ topic, group, from: 'start', handler });
    await busy.publishRecord({ topic, key: 'k', value: bytes('1'), headers: {} });
    await begun.promise;
    // A member in a handler does not join again before it is done, and the others wait for it.
    const outcome = expect(waiting.subscribe({ topic, group, from: 'start', handler })).rejects.toThrow(
      'SHUTTING_DOWN',
    );
    await eventually(async () => {
      const { groups } = await admin.describeGroups([`${group}.${topic}`]);
      expect(groups[0].state).toBe('PreparingRebalance');
    });
    const began = performance.now();
    await waiting.close();
    expect(performance.now() - began).toBeLessThan(15_000);
    await outcome;
    over.resolve();
    await busy.close();
  });

  it('closes within seconds though the broker hangs', async () => {
    const bus = open();
    const topic = await madeTopic(bus);
    await bus.publishRecord({ topic, key: 'k', value: bytes('1'), headers: {} });
    await bus.subscribe({ topic, group: uniqueName('group'), from: 'start', handler: () => Promise.resolve() });
    lines.get(bus)?.hang();
    void bus.publishRecord({ topic, key: 'k', value: bytes('2'), headers: {} }).catch(() => undefined);
    const began = performance.now();
    await bus.close();
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('makes topics as the table says', async () => {
    const bus = open();
    const name = uniqueName('topic');
    await bus.ensureTopics([{ name, partitions: 5, cleanup: 'compact,delete', retentionMs: 86_400_000 }]);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy', 'retention.ms'] }],
    });
    expect(
      Object.fromEntries(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ).toEqual({
      'cleanup.policy': 'compact,delete',
      'retention.ms': '86400000',
    });
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    expect(topics[0].partitions).toHaveLength(5);
    await bus.close();
  });

  it('is caught up although every record of the topic was deleted', async () => {
    const bus = open();
    const topic = await madeTopic(bus);
    for (const value of ['1', '2']) await bus.publishRecord({ topic, key: 'k', value: bytes(value), headers: {} });
    await eventually(() => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] }));
    const { caughtUp } = await bus.subscribe({
      topic,
      group: uniqueName('group'),
      from: 'start',
      handler: () => Promise.resolve(),
    });
    await caughtUp;
    await bus.close();
  });

  it('is caught up although the last records are of a transaction that was aborted', async () => {
    const bus = open();
    const topic = await madeTopic(bus);
    await bus.publishRecord({ topic, key: 'k', value: bytes('said'), headers: {} });
    const other = raw.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      transactionalId: uniqueName('transaction'),
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await other.connect();
    const transaction = await other.transaction();
    await transaction.send({ topic, messages: [{ key: 'k', value: 'taken back' }] });
    await transaction.abort();
    await other.disconnect();
    const seen: string[] = [];
    const { caughtUp } = await bus.subscribe({
      topic,
      group: uniqueName('group'),
      from: 'start',
      handler: (record) => {
        seen.push(new TextDecoder().decode(record.value ?? undefined));
        return Promise.resolve();
      },
    });
    await caughtUp;
    expect(seen).toEqual(['said']);
    await bus.close();
  });

  it('gives the same state before and after compaction', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    await admin.createTopics({
      topics: [
        {
          topic,
          numPartitions: 1,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });
    const say = (key: string, value: string) =>
      eventually(() => bus.publishRecord({ topic, key, value: bytes(value), headers: {} }));
    const read = async () => {
      const records: [string, string][] = [];
      for await (const { key, value } of bus.readAll(topic))
        records.push([key ?? '', new TextDecoder().decode(value ?? undefined)]);
      return { count: records.length, state: Object.fromEntries(records) };
    };
    for (const value of ['1', '2', '3']) for (const key of ['a', 'b', 'c']) await say(key, value);
    const before = await read();
    expect(before).toEqual({ count: 9, state: { a: '3', b: '3', c: '3' } });
    const eager = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.0001',
      'max.compaction.lag.ms': '200',
    };
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: Object.entries(eager).map(([name, value]) => ({ name, value })),
        },
      ],
    });
    await eventually(
      async () => {
        // Only a new record closes the segment before it, and only closed segments are compacted.
        await say('d', 'x');
        const after = await read();
        expect(after.state).toEqual({ ...before.state, d: 'x' });
        expect(after.count).toBeLessThan(before.count);
      },
      90_000,
      1_000,
    );
    await bus.close();
  }, 120_000);

  it('goes on when the line was cut and mended', async () => {
    const bus = open();
    const topic = await madeTopic(bus);
    const seen: string[] = [];
    await bus.subscribe({
      topic,
      group: uniqueName('group'),
      from: 'start',
      handler: (record) => {
        seen.push(new TextDecoder().decode(record.value ?? undefined));
        return Promise.resolve();
      },
    });
    await bus.publishRecord({ topic, key: 'k', value: bytes('before'), headers: {} });
    await eventually(() => {
      expect(seen).toEqual(['before']);
    });
    lines.get(bus)?.cut();
    await expect(bus.publishRecord({ topic, key: 'k', value: bytes('lost'), headers: {} })).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
    expect(await bus.healthy()).toBe(false);
    lines.get(bus)?.mend();
    await eventually(() => bus.publishRecord({ topic, key: 'k', value: bytes('after'), headers: {} }), 60_000);
    await eventually(() => {
      expect(seen.at(-1)).toBe('after');
    }, 60_000);
    await bus.close();
  }, 150_000);

  it('subscribes while the broker is away, and gives up when it is closed', async () => {
    const away = new KafkaEventBus({ brokers: ['127.0.0.1:1'], logger: new SilentLogger() });
    const waiting = away.subscribe({ topic: 't', group: 'g', from: 'start', handler: () => Promise.resolve() });
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(await away.healthy()).toBe(false);
    await away.close();
    await outcome;
  });

  it('subscribes to a topic that is made later', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    const waiting = bus.subscribe({
      topic,
      group: uniqueName('group'),
      from: 'start',
      handler: () => Promise.resolve(),
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    await (
      await waiting
    ).caughtUp;
    await bus.close();
  });
});
