import type { RawRecord } from '#contracts';
import { PlatformError, type Logger } from '#runtime';
import { deferred } from '../deferred.js';
import type { Subscription, SubscriptionSpec } from '../event-bus.js';
import { backoffMs, environmentRetry, waitFor } from '../retry-policy.js';
import { ensureBusSchema } from './bus-schema.js';
import { GroupSession, HandlerFailed } from './group-session.js';
import { Session } from './session.js';

interface SubscriptionOptions {
  connectionString: string;
  logger: Logger;
  pollMs: number;
}

/** A topic that is missing is told again after so many looks. */
const LOOKS_PER_LINE = 30;

/** Keeps a member of a group alive: opens a session, and a new one whenever the database went away. */
export class PostgresSubscription implements Subscription {
  private readonly place = deferred();
  private readonly caught = deferred();
  private readonly ended = deferred();
  private readonly closing = new AbortController();
  /** Where each partition ended when this subscription began; survives reconnects. */
  private targets: Map<number, bigint> | undefined;
  /** Resolves when the place is fixed; rejects `SHUTTING_DOWN` when it was given up before. */
  readonly joined = this.place.promise;
  readonly caughtUp = this.caught.promise;
  readonly stopped = this.ended.promise;
  private readonly done: Promise<void>;

  constructor(
    private readonly spec: SubscriptionSpec,
    private readonly options: SubscriptionOptions,
  ) {
    spec.signal?.addEventListener('abort', () => void this.close());
    if (spec.signal?.aborted === true) this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    this.done = this.supervise();
  }

  async close(): Promise<void> {
    this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    await this.done;
  }

  private isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async supervise(): Promise<void> {
    const { topic, group } = this.spec;
    for (let tries = 1; !this.isClosing(); tries += 1)
      try {
        await this.session(() => {
          tries = 0;
        });
      } catch (error) {
        if (error instanceof HandlerFailed) {
          this.ended.reject(error.cause);
          break;
        }
        if (this.isClosing()) break;
        const waitMs = backoffMs({ ...environmentRetry, maxMs: 5_000 }, Math.max(1, tries));
        this.options.logger.warn('A subscription waits for the Postgres log.', { topic, group, waitMs, error });
        await waitFor(waitMs, this.closing.signal).catch(() => undefined);
      }
    this.place.reject(new PlatformError('SHUTTING_DOWN'));
    this.ended.resolve();
  }

  /** One session: from connecting to losing the connection or closing. */
  private async session(connected: () => void): Promise<void> {
    const { topic, group } = this.spec;
    const name = `baton-bus ${group}`.slice(0, 60);
    const session = await Session.open(this.options.connectionString, name, this.closing.signal);
    try {
      await session.with(ensureBusSchema);
      const ends = await this.waitForTopic(session);
      await this.fixPlace(session, ends);
      this.targets ??= ends;
      this.place.resolve();
      connected();
      await new GroupSession(session, {
        topic,
        group,
        partitions: ends.size,
        pollMs: this.options.pollMs,
        handler: (record: RawRecord, heartbeat, signal) => this.spec.handler(record, heartbeat, signal),
        targets: this.targets,
        caughtUp: this.caught.resolve,
        closing: this.closing.signal,
      }).run();
    } finally {
      await session.close();
    }
  }

  private async waitForTopic(session: Session): Promise<Map<number, bigint>> {
    for (let looks = 0; ; looks += 1) {
      const rows = await session.query<{ partition: number; next_offset: string }>(
        'select partition, next_offset from bus.partitions where topic = $1 order by partition',
        [this.spec.topic],
      );
      if (rows.length > 0) return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
      if (looks % LOOKS_PER_LINE === 0)
        this.options.logger.warn('A subscription waits until its topic is made.', { topic: this.spec.topic });
      await waitFor(this.options.pollMs, this.closing.signal);
    }
  }

  /** A group's first member writes down where it begins, so that a crash before the first commit changes nothing. */
  private async fixPlace(session: Session, ends: Map<number, bigint>): Promise<void> {
    const { topic, group, from } = this.spec;
    await session.query(
      `insert into bus.group_offsets (topic, consumer_group, partition, next_offset)
       select $1, $2, * from unnest($3::int[], $4::bigint[])
       on conflict (topic, consumer_group, partition) do update set updated_at = now()`,
      [topic, group, [...ends.keys()], [...ends.values()].map((end) => (from === 'start' ? '0' : String(end)))],
    );
  }
}
