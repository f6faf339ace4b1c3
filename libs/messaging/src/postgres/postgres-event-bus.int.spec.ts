import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SilentLogger } from '#runtime';
import { eventually, freshDatabase, services, uniqueName } from '#testing';
import { behavesAsEventBus } from '../event-bus.behaviour.js';
import { PostgresEventBus } from './postgres-event-bus.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe.skipIf(!services().postgres)('PostgresEventBus', () => {
  let database: { url: string; drop: () => Promise<void> };
  let admin: pg.Pool;
  const open = () => new PostgresEventBus({ connectionString: database.url, logger: new SilentLogger(), pollMs: 200 });
  /** Cuts connections as a server that goes away does. */
  const cut = (like: string) =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name like $1`,
      [like],
    );
  beforeAll(async () => {
    database = await freshDatabase();
    admin = new pg.Pool({ connectionString: database.url, max: 1, application_name: 'test' });
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  behavesAsEventBus(() =>
    Promise.resolve({
      open,
      crash: async (_bus, group) => {
        // The process is gone: so are its connections; that its handler still sleeps here is no matter.
        await cut(`baton-bus ${group}`.slice(0, 60));
      },
      sayKeyless: async (topic, value) => {
        await admin.query(
          `with place as (update bus.partitions set next_offset = next_offset + 1
             where topic = $1 and partition = 0 returning next_offset - 1 as "offset")
           insert into bus.log (topic, partition, "offset", key, value, headers)
           select $1, 0, "offset", null, $2, '{}' from place`,
          [topic, Buffer.from(value)],
        );
      },
      beyondSessionMs: 1_000,
      close: () => Promise.resolve(),
    }),
  );

  it('hears what lies in the partitions of a member that stands still', async () => {
    const bus = new PostgresEventBus({
      connectionString: database.url,
      logger: new SilentLogger(),
      pollMs: 100,
      silentMs: 1_000,
    });
    const topic = uniqueName('topic');
    const group = uniqueName('group');
    await bus.ensureTopics([{ name: topic, partitions: 2, cleanup: 'delete', retentionMs: 3_600_000 }]);
    // A process that was stopped: its connection is open, its locks are held, and it says nothing.
    const stopped = new pg.Client({ connectionString: database.url, application_name: 'stopped' });
    const ended = new Promise((resolve) => stopped.on('error', resolve));
    await stopped.connect();
    const lock = (kind: string, how: string, ...more: number[]) =>
      stopped.query(`select pg_advisory_lock${how}(hashtextextended($1, 0))`, [
        JSON.stringify([`baton/bus/${kind}`, topic, group, ...more]),
      ]);
    await lock('member', '_shared');
    await lock('partition', '', 0);
    await lock('partition', '', 1);
    const seen: string[] = [];
    const handler = ({ value }: { value: Uint8Array | null }) => {
      seen.push(new TextDecoder().decode(value ?? undefined));
      return Promise.resolve();
    };
    await bus.subscribe({ topic, group, from: 'start', handler });
    for (const key of ['a', 'b', 'c', 'd']) await bus.publishRecord({ topic, key, value: bytes(key), headers: {} });
    await eventually(() => {
      expect(seen.sort()).toEqual(['a', 'b', 'c', 'd']);
    });
    await ended;
    await bus.close();
  });

  it('goes on after its connections were cut, with the record that was not committed first', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    const group = uniqueName('group');
    await bus.ensureTopics([{ name: topic, partitions: 2, cleanup: 'delete', retentionMs: 3_600_000 }]);
    const seen: string[] = [];
    await bus.subscribe({
      topic,
      group,
      from: 'start',
      handler: (record) => {
        seen.push(new TextDecoder().decode(record.value ?? new Uint8Array()));
        return Promise.resolve();
      },
    });
    await bus.publishRecord({ topic, key: 'k', value: bytes('1'), headers: {} });
    await eventually(() => {
      expect(seen).toEqual(['1']);
    });
    await cut('baton-bus%');
    await eventually(() => bus.publishRecord({ topic, key: 'k', value: bytes('2'), headers: {} }));
    await eventually(() => {
      expect(seen.at(-1)).toBe('2');
    });
    await bus.close();
  });

  it('says BUS_UNAVAILABLE while the server is away, and subscriptions wait for it', async () => {
    const away = new PostgresEventBus({
      connectionString: 'postgres://nobody@127.0.0.1:1/none',
      logger: new SilentLogger(),
      pollMs: 100,
    });
    await expect(away.publishRecord({ topic: 't', key: 'k', value: null, headers: {} })).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
    expect(await away.healthy()).toBe(false);
    const waiting = away.subscribe({ topic: 't', group: 'g', from: 'start', handler: () => Promise.resolve() });
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await away.close();
    await outcome;
  });

  it('subscribes to a topic that is made later', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    const waiting = bus.subscribe({ topic, group: 'g', from: 'start', handler: () => Promise.resolve() });
    await expect(bus.publishRecord({ topic, key: 'k', value: null, headers: {} })).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    await (
      await waiting
    ).caughtUp;
    await bus.publishRecord({ topic, key: 'k', value: null, headers: {} });
    await bus.close();
  });

  it('keeps the newest of each key on a compacted topic, and a reader of the rest is caught up', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
    for (const [key, value] of [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
    ] as const)
      await bus.publishRecord({ topic, key, value: bytes(value), headers: {} });
    await bus.publishRecord({ topic, key: 'b', value: null, headers: {} });
    await bus.sweep();
    const offsets = async () => {
      const found: string[] = [];
      for await (const record of bus.readAll(topic)) found.push(record.offset);
      return found;
    };
    expect(await offsets()).toEqual(['2', '3']);
    await admin.query(`update bus.log set created_at = now() - interval '2 days' where topic = $1`, [topic]);
    await bus.sweep();
    expect(await offsets()).toEqual(['2']);
    const seen: string[] = [];
    const subscription = await bus.subscribe({
      topic,
      group: uniqueName('group'),
      from: 'start',
      handler: (record) => {
        seen.push(record.offset);
        return Promise.resolve();
      },
    });
    await subscription.caughtUp;
    expect(seen).toEqual(['2']);
    await bus.close();
  });

  it('drops what is older than the retention of a topic, and nothing else', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    for (const value of ['old', 'new']) await bus.publishRecord({ topic, key: 'k', value: bytes(value), headers: {} });
    await admin.query(`update bus.log set created_at = now() - interval '2 hours' where topic = $1 and "offset" = 0`, [
      topic,
    ]);
    await bus.sweep();
    const found: string[] = [];
    for await (const record of bus.readAll(topic)) found.push(new TextDecoder().decode(record.value ?? undefined));
    expect(found).toEqual(['new']);
    await bus.close();
  });

  it('forgets the places of groups that nobody has been for long, and of no others', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: -1 }]);
    await bus.publishRecord({ topic, key: 'k', value: bytes('x'), headers: {} });
    const read = async (group: string) => {
      let count = 0;
      const subscription = await bus.subscribe({
        topic,
        group,
        from: 'start',
        handler: () => {
          count += 1;
          return Promise.resolve();
        },
      });
      await subscription.caughtUp;
      await subscription.close();
      return count;
    };
    expect([await read('gone'), await read('here')]).toEqual([1, 1]);
    await admin.query(
      `update bus.group_offsets set updated_at = now() - interval '31 days' where topic = $1 and consumer_group = 'gone'`,
      [topic],
    );
    await bus.sweep();
    expect([await read('gone'), await read('here')]).toEqual([1, 0]);
    await bus.close();
  });

  it('loses nothing when several processes write the same partition while a reader follows', async () => {
    const buses = [open(), open(), open()];
    const topic = uniqueName('topic');
    await buses[0].ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    const seen: string[] = [];
    await buses[0].subscribe({
      topic,
      group: 'g',
      from: 'start',
      handler: (record) => {
        seen.push(record.offset);
        return Promise.resolve();
      },
    });
    await Promise.all(
      buses.flatMap((bus) =>
        Array.from({ length: 50 }, (_, index) =>
          bus.publishRecord({ topic, key: String(index), value: bytes('x'), headers: {} }),
        ),
      ),
    );
    await eventually(() => {
      expect(seen).toEqual(Array.from({ length: 150 }, (_, index) => String(index)));
    });
    await Promise.all(buses.map((bus) => bus.close()));
  });

  it('closes though the database hangs, sooner than what it asked last is given up', async () => {
    const sockets = new Set<Socket>();
    const { hostname, port } = new URL(database.url);
    const line = createServer((near) => {
      const far = connect(Number(port), hostname);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    });
    await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
    const through = new URL(database.url);
    through.host = `127.0.0.1:${String((line.address() as AddressInfo).port)}`;
    const bus = new PostgresEventBus({ connectionString: through.href, logger: new SilentLogger(), pollMs: 200 });
    const topic = uniqueName('topic');
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    await bus.subscribe({ topic, group: 'g', from: 'start', handler: () => Promise.resolve() });
    for (const socket of sockets) socket.unpipe().pause();
    const said = bus.publishRecord({ topic, key: 'k', value: bytes('x'), headers: {} }).then(
      () => 'said',
      () => 'given up',
    );
    expect(await Promise.race([said, bus.close().then(() => 'closed')])).toBe('closed');
    for (const socket of sockets) socket.destroy();
    expect(await said).toBe('given up');
    await new Promise((resolve) => line.close(resolve));
  });

  it('refuses what PostgreSQL cannot store, as the fault of the record', async () => {
    const bus = open();
    const topic = uniqueName('topic');
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 3_600_000 }]);
    await expect(bus.publishRecord({ topic, key: 'k\u0000', value: null, headers: {} })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await bus.close();
  });
});
