import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readEvent, writeEvent, type OutgoingRecord, type RawRecord } from '#contracts';
import { PlatformError, SilentLogger } from '#runtime';
import { eventually, freshDatabase, services } from '#testing';
import { InMemoryEventBus } from '../memory/in-memory-event-bus.js';
import { outboxDdl, outboxRowOf } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';

const promoted = (key: string, id: string, data: unknown = { version: 1 }): OutgoingRecord =>
  writeEvent('model.promoted', key, {
    id,
    source: '/registry',
    type: 'model.promoted',
    time: '2026-01-01T00:00:00.000Z',
    generation: 3,
    data,
  });

describe.skipIf(!services().postgres)('OutboxRelay', () => {
  let database: { url: string; drop: () => Promise<void> };
  let pool: pg.Pool;
  let bus: InMemoryEventBus;
  const relays: OutboxRelay[] = [];
  beforeAll(async () => {
    database = await freshDatabase();
    pool = new pg.Pool({ connectionString: database.url });
    pool.on('error', () => undefined);
    await pool.query(`create schema registry; ${outboxDdl('registry')}`);
  });
  beforeEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await pool.query('truncate registry.outbox');
    bus = new InMemoryEventBus();
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await pool.end();
    await database.drop();
  });

  const relay = (over: Partial<ConstructorParameters<typeof OutboxRelay>[0]> = {}) => {
    const made = new OutboxRelay({
      connectionString: database.url,
      table: 'registry.outbox',
      publisher: bus,
      pollMs: 100,
      logger: new SilentLogger(),
      ...over,
    });
    relays.push(made);
    made.start();
    return made;
  };
  const insert = async (record: OutgoingRecord, client: pg.Pool | pg.PoolClient = pool) => {
    const { id, aggregatetype, aggregateid, type, payload, headers } = outboxRowOf(record);
    await client.query(
      `insert into registry.outbox (id, aggregatetype, aggregateid, type, payload, headers) values ($1,$2,$3,$4,$5,$6)`,
      [
        id,
        aggregatetype,
        aggregateid,
        type,
        payload === null ? null : JSON.stringify(payload),
        JSON.stringify(headers),
      ],
    );
  };
  const said = async () => {
    const found: RawRecord[] = [];
    for await (const record of bus.readAll('model.promoted')) found.push(record);
    return found;
  };
  const waiting = async () =>
    (await pool.query<{ n: number }>('select count(*)::int as n from registry.outbox where published_at is null'))
      .rows[0].n;

  it('stops within seconds though the bus hangs, and the row is said by the next', async () => {
    const hangs = { publishRecord: () => new Promise<void>(() => undefined) };
    const stuck = relay({ publisher: Object.assign(new InMemoryEventBus(), hangs) });
    await insert(promoted('M', 'a'));
    stuck.nudge();
    await sleep(500);
    const began = performance.now();
    await stuck.stop();
    expect(performance.now() - began).toBeLessThan(10_000);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'baton-outbox' and datname = current_database()`,
    );
    relay();
    await eventually(async () => {
      const { rows } = await pool.query('select 1 from registry.outbox where published_at is null');
      expect(rows).toEqual([]);
    });
  });

  it('says what was committed, as the event it was, and tombstones too', async () => {
    const heard: OutgoingRecord[] = [];
    relay({ onPublished: (record) => heard.push(record) });
    const data = { model: 'ä', version: 2, nested: [1.5, null, 'x'] };
    await insert(promoted('m', 'e-1', data));
    await insert(promoted('m', 'e-2', null));
    const [first, second] = await eventually(async () => {
      const records = await said();
      expect(records).toHaveLength(2);
      return records;
    });
    expect(readEvent(first)).toMatchObject({ id: 'e-1', source: '/registry', generation: 3, data });
    expect(second).toMatchObject({ key: 'm', value: null });
    expect(readEvent(second)).toMatchObject({ id: 'e-2', generation: 3, data: null });
    await eventually(async () => {
      expect(await waiting()).toBe(0);
    });
    expect(heard).toHaveLength(2);
  });

  it('says nothing of a transaction that was rolled back', async () => {
    relay();
    const client = await pool.connect();
    await client.query('begin');
    await insert(promoted('m', 'undone'), client);
    await client.query('rollback');
    client.release();
    await insert(promoted('m', 'done'));
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id)).toEqual(['done']);
    });
  });

  it('loses no row whose transaction commits after later ones', async () => {
    relay();
    const slow = await pool.connect();
    await slow.query('begin');
    await insert(promoted('slow', 'early position'), slow);
    await insert(promoted('fast', 'later position'));
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id)).toEqual(['later position']);
    });
    await slow.query('commit');
    slow.release();
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id).sort()).toEqual(['early position', 'later position']);
    });
  });

  it('keeps the order and loses nothing while the bus is away', async () => {
    bus.setDown(true);
    relay();
    for (let index = 0; index < 5; index += 1) await insert(promoted('m', `e-${String(index)}`));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await waiting()).toBe(5);
    bus.setDown(false);
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id)).toEqual(['e-0', 'e-1', 'e-2', 'e-3', 'e-4']);
    });
  });

  it('is led by one of several, and by another when that one ends or loses its connection', async () => {
    const first = relay();
    await insert(promoted('m', '1'));
    await eventually(async () => {
      expect(await said()).toHaveLength(1);
    });
    relay();
    relay();
    for (let index = 0; index < 20; index += 1) await insert(promoted('m', `b-${String(index)}`));
    await eventually(async () => {
      expect(await waiting()).toBe(0);
    });
    expect(await said()).toHaveLength(21);
    await first.stop();
    await insert(promoted('m', 'after the first'));
    await eventually(async () => {
      expect(await said()).toHaveLength(22);
    });
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'baton-outbox' and datname = current_database()`,
    );
    await insert(promoted('m', 'after the cut'));
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id)).toContain('after the cut');
    });
  });

  it('is led by another when the leader stands still', async () => {
    // What a stopped process looks like from here: its session holds the lock, and nothing is said over it.
    const still = new pg.Client({ connectionString: database.url });
    const lost = new Promise((resolve) => still.on('error', resolve));
    await still.connect();
    await still.query(`select pg_advisory_lock(hashtextextended('baton/outbox/registry.outbox', 0))`);
    await insert(promoted('m', 'held up'));
    relay({ silentMs: 500 });
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id)).toEqual(['held up']);
    });
    await lost;
  });

  it('keeps a leader whose bus is slow', async () => {
    const slow = new InMemoryEventBus();
    let answer: (() => void) | undefined;
    slow.publishRecord = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    relay({ publisher: slow, silentMs: 500 });
    await insert(promoted('m', 'held up'));
    await eventually(() => {
      expect(answer).toBeDefined();
    });
    relay({ silentMs: 500 });
    await sleep(1_500);
    expect(await said()).toEqual([]);
    answer?.();
    await eventually(async () => {
      expect(await waiting()).toBe(0);
    });
    // Marked by the leader that said it; the other one had nothing to say.
    expect(await said()).toEqual([]);
  });

  it('says a row again when it could not mark it: same id, so its effect happens once', async () => {
    let isFirst = true;
    const publisher = new InMemoryEventBus();
    const inner = publisher.publishRecord.bind(publisher);
    publisher.publishRecord = async (record) => {
      await inner(record);
      if (!isFirst) return;
      isFirst = false;
      throw new PlatformError('BUS_UNAVAILABLE', 'The answer was lost.');
    };
    bus = publisher;
    relay({ publisher });
    await insert(promoted('m', 'twice'));
    await eventually(async () => {
      expect((await said()).map((record) => readEvent(record).id)).toEqual(['twice', 'twice']);
      expect(await waiting()).toBe(0);
    });
  });

  it('is woken by a nudge or a notification long before it looks', async () => {
    const slow = relay({ pollMs: 3_600_000 });
    await eventually(async () => {
      slow.nudge();
      const { rows } = await pool.query(
        `select 1 from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted
           and application_name = 'baton-outbox' and datname = current_database()`,
      );
      expect(rows).toHaveLength(1);
    });
    await insert(promoted('m', 'nudged'));
    slow.nudge();
    await eventually(async () => {
      expect(await said()).toHaveLength(1);
    });
    await insert(promoted('m', 'notified'));
    await pool.query(`notify baton_outbox, 'registry.outbox'`);
    await eventually(async () => {
      expect(await said()).toHaveLength(2);
    });
  });
});
