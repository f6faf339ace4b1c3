import type { OutgoingRecord } from '#contracts';
import { Outbox } from '../outbox.js';
import type { RegistryDatabase } from './registry-database.js';

/** A row of the outbox table, as the messaging library makes it of a record. */
export interface OutboxColumns {
  id: string;
  aggregatetype: string;
  aggregateid: string;
  type: string;
  payload: unknown;
  headers: Record<string, string>;
}

export class PostgresOutbox extends Outbox {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly columnsOf: (record: OutgoingRecord) => OutboxColumns,
    /** Called after the commit: wakes the relay of this process. */
    private readonly nudge: () => void,
  ) {
    super();
  }

  async add(record: OutgoingRecord): Promise<void> {
    const { id, aggregatetype, aggregateid, type, payload, headers } = this.columnsOf(record);
    await this.database.query(
      `insert into registry.outbox (id, aggregatetype, aggregateid, type, payload, headers)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        id,
        aggregatetype,
        aggregateid,
        type,
        payload === null ? null : JSON.stringify(payload),
        JSON.stringify(headers),
      ],
    );
    this.database.afterCommit(this.nudge);
  }

  /** Seconds since the oldest row that waits was written; 0 when none waits. */
  async oldestUnsentSeconds(): Promise<number> {
    const [{ age }] = await this.database.query<{ age: number }[]>(
      `select coalesce(extract(epoch from now() - min(created_at)), 0)::double precision as age
       from registry.outbox where published_at is null`,
    );
    return Math.max(0, age);
  }

  /** Forgets what was sent more than `maxAgeMs` ago; returns how many rows that were. */
  async prune(maxAgeMs: number): Promise<number> {
    const [, count] = await this.database.query<[unknown, number]>(
      `delete from registry.outbox where published_at < now() - $1 * interval '1 millisecond'`,
      [maxAgeMs],
    );
    return count;
  }
}
