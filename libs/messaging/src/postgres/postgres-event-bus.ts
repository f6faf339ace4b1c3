import pg from 'pg';
import type { OutgoingRecord, RawRecord, TopicSpec } from '#contracts';
import { messageOf, PlatformError, type Logger } from '#runtime';
import { EventBus, type Subscription, type SubscriptionSpec } from '../event-bus.js';
import { SupervisedSubscription } from '../supervised-subscription.js';
import { FAREWELL_MS, within } from '../farewell.js';
import { partitionOf } from '../partition-of.js';
import { busError } from './bus-error.js';
import { BUS_CHANNEL, ensureBusSchema } from './bus-schema.js';
import { sweepLog } from './log-janitor.js';
import { LOG_COLUMNS, recordOf, type LogRow } from './log-record.js';
import { PostgresMembership } from './postgres-membership.js';

export interface PostgresEventBusOptions {
  connectionString: string;
  logger: Logger;
  /** How often subscriptions look unprompted; NOTIFY is only a hint. */
  pollMs?: number;
  /** A subscription that says nothing to the database for this long stands still, and loses its place to others of its group. */
  silentMs?: number;
  /** How often retention and compaction are applied. */
  sweepMs?: number;
}

const READ_BATCH = 200;
const CONNECT_TIMEOUT_MS = 5_000;
const SILENT_MS = 15_000;

/** The bus over a log table: for `npm start`, and wherever PostgreSQL is there and Kafka is not. Schema `bus`, made at first use. */
export class PostgresEventBus extends EventBus {
  private readonly pool: pg.Pool;
  private readonly subscriptions = new Set<SupervisedSubscription>();
  private readonly partitionCounts = new Map<string, number>();
  private readonly sweeper: NodeJS.Timeout;
  private schemaMade: Promise<void> | undefined;
  /** Publishes go one after the other, so that calls not awaited keep their order too. */
  private lastPublish: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: PostgresEventBusOptions) {
    super();
    this.pool = new pg.Pool({
      connectionString: options.connectionString,
      application_name: 'baton-bus',
      max: 4,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: 30_000,
    });
    this.pool.on('error', (error) => {
      options.logger.warn('A connection to the Postgres log was lost.', { error: messageOf(error) });
    });
    this.sweeper = setInterval(() => void this.sweepQuietly(), options.sweepMs ?? 60_000).unref();
  }

  publishRecord(record: OutgoingRecord): Promise<void> {
    const said = this.lastPublish.then(() => this.write(record));
    this.lastPublish = said.catch(() => undefined);
    return said;
  }

  async ensureTopics(topics: TopicSpec[]): Promise<void> {
    await this.query(
      `with made as (
         insert into bus.topics (name, partitions, cleanup, retention_ms)
         select * from unnest($1::text[], $2::int[], $3::text[], $4::bigint[])
         on conflict (name) do nothing returning name, partitions)
       insert into bus.partitions (topic, partition)
       select name, generate_series(0, partitions - 1) from made`,
      [
        topics.map(({ name }) => name),
        topics.map(({ partitions }) => partitions),
        topics.map(({ cleanup }) => cleanup),
        topics.map(({ retentionMs }) => retentionMs),
      ],
    );
  }

  async topicNames(): Promise<string[]> {
    const rows = await this.query<{ name: string }>('select name from bus.topics order by name', []);
    return rows.map(({ name }) => name);
  }

  async subscribe(spec: SubscriptionSpec): Promise<Subscription> {
    if (this.closed) throw new PlatformError('SHUTTING_DOWN');
    const { connectionString, logger, pollMs = 1_000 } = this.options;
    // It says something at every look.
    const silentMs = this.options.silentMs ?? Math.max(SILENT_MS, 5 * pollMs);
    const membership = new PostgresMembership(spec, { connectionString, logger, pollMs, silentMs });
    const subscription = new SupervisedSubscription(spec, membership, logger);
    this.subscriptions.add(subscription);
    const forget = () => this.subscriptions.delete(subscription);
    subscription.stopped.then(forget, forget);
    await subscription.joined;
    return subscription;
  }

  async *readAll(topic: string): AsyncGenerator<RawRecord> {
    const ends = await this.query<{ partition: number; end: string }>(
      'select partition, next_offset as end from bus.partitions where topic = $1 order by partition',
      [topic],
    );
    for (const { partition, end } of ends)
      for (let next = '0'; ;) {
        const rows = await this.query<LogRow>(
          `select ${LOG_COLUMNS} from bus.log
           where topic = $1 and partition = $2 and "offset" >= $3 and "offset" < $4 order by "offset" limit $5`,
          [topic, partition, next, end, READ_BATCH],
        );
        yield* rows.map(recordOf);
        if (rows.length < READ_BATCH) break;
        next = String(BigInt(rows[rows.length - 1].offset) + 1n);
      }
  }

  /** Applies retention and compaction now; otherwise a timer does. One process at a time. */
  async sweep(): Promise<void> {
    await this.ready();
    await sweepLog(this.pool);
  }

  async healthy(): Promise<boolean> {
    try {
      await this.pool.query({ text: 'select 1', query_timeout: 3_000 } as pg.QueryConfig);
      return true;
    } catch {
      return false;
    }
  }

  async stopListening(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.sweeper);
    await this.stopListening();
    // A database that hangs keeps a query for half a minute, and whoever closes has not so long.
    await within(FAREWELL_MS, this.lastPublish);
    await within(FAREWELL_MS, this.pool.end());
  }

  private async write({ topic, key, value, headers }: OutgoingRecord): Promise<void> {
    const count = await this.partitionCount(topic);
    const written = await this.query(
      `with place as (
         update bus.partitions set next_offset = next_offset + 1
         where topic = $1 and partition = $2 returning next_offset - 1 as "offset"
       ), said as (
         insert into bus.log (topic, partition, "offset", key, value, headers)
         select $1, $2, place."offset", $3, $4, $5 from place returning topic
       ) select pg_notify('${BUS_CHANNEL}', topic) from said`,
      [topic, partitionOf(key, count), key, value === null ? null : Buffer.from(value), JSON.stringify(headers)],
    );
    if (written.length === 0) {
      this.partitionCounts.delete(topic);
      throw missing(topic);
    }
  }

  private async partitionCount(topic: string): Promise<number> {
    const known = this.partitionCounts.get(topic);
    if (known !== undefined) return known;
    const rows = await this.query<{ partitions: number }>('select partitions from bus.topics where name = $1', [topic]);
    if (rows.length === 0) throw missing(topic);
    this.partitionCounts.set(topic, rows[0].partitions);
    return rows[0].partitions;
  }

  /** @throws PlatformError BUS_UNAVAILABLE, or REQUEST_INVALID when the values cannot be stored. */
  private async query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
    try {
      await this.ready();
      return (await this.pool.query<R>(text, values)).rows;
    } catch (error) {
      throw busError(error);
    }
  }

  private ready(): Promise<void> {
    this.schemaMade ??= this.makeSchema().catch((error: unknown) => {
      this.schemaMade = undefined;
      throw error;
    });
    return this.schemaMade;
  }

  private async makeSchema(): Promise<void> {
    const client = await this.pool.connect();
    try {
      await ensureBusSchema(client);
    } finally {
      client.release();
    }
  }

  private async sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.options.logger.warn('Retention and compaction of the Postgres log wait.', { error: messageOf(error) });
    }
  }
}

/** Not the record's fault: whoever makes the topics has not come up yet. */
const missing = (topic: string): PlatformError =>
  new PlatformError(
    'BUS_UNAVAILABLE',
    `The topic ${topic} does not exist; the registry makes the topics at its start.`,
  );
