import type { CloudEvent, LiveEvent } from '#contracts';
import { EventFeed, type Cursor, type FeedRow } from '../../core/event-feed.js';
import type { RegistryDatabase } from './registry-database.js';

interface Row {
  transaction_id: string;
  position: string;
  type: string;
  event_id: string;
  source: string;
  subject: string | null;
  time: Date;
  generation: string | null;
  data: LiveEvent['data'];
}

export class PostgresEventFeed extends EventFeed {
  private wakers = new Set<() => void>();

  constructor(private readonly database: RegistryDatabase) {
    super();
  }

  async add(event: CloudEvent): Promise<void> {
    await this.database.query(
      `insert into registry.feed (type, event_id, source, subject, time, generation, data)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (type, source, event_id) do nothing`,
      [
        event.type,
        event.id,
        event.source,
        event.subject ?? null,
        event.time,
        event.generation ?? null,
        event.data === null ? null : JSON.stringify(event.data),
      ],
    );
    this.database.afterCommit(() => {
      for (const wake of this.wakers) wake();
    });
  }

  async after(cursor: Cursor, types: readonly string[], limit: number): Promise<FeedRow[]> {
    const rows = await this.database.query<Row[]>(
      `select transaction_id::text, position, type, event_id, source, subject, time, generation, data
       from registry.feed
       where transaction_id < pg_snapshot_xmin(pg_current_snapshot())
         and (transaction_id, position) > ($1::text::xid8, $2::bigint)
         and (cardinality($3::text[]) = 0 or type = any($3))
       order by registry.feed.transaction_id, position limit $4`,
      [cursor.transactionId, cursor.position, types, limit],
    );
    return rows.map((row) => ({
      cursor: { transactionId: row.transaction_id, position: row.position },
      event: {
        type: row.type,
        id: row.event_id,
        source: row.source,
        subject: row.subject,
        time: row.time.toISOString(),
        ...(row.generation !== null && { generation: Number(row.generation) }),
        data: row.data,
      },
    }));
  }

  async now(): Promise<Cursor> {
    const [{ xmin }] = await this.database.query<{ xmin: string }[]>(
      'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
    );
    return { transactionId: xmin, position: '0' };
  }

  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.wakers.add(wake);
    });
  }

  /** Forgets what is older than `maxAgeMs`; returns how many rows that were. */
  async prune(maxAgeMs: number): Promise<number> {
    const [, count] = await this.database.query<[unknown, number]>(
      `delete from registry.feed where written_at < now() - $1 * interval '1 millisecond'`,
      [maxAgeMs],
    );
    return count;
  }
}
