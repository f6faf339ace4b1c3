import type { OutgoingRecord } from '#contracts';
import { PlatformError, requestIdOf } from '#runtime';

/** A row to insert, in the transaction that makes it true. Column names are those of Debezium's outbox event router. */
export interface OutboxRow {
  id: string;
  /** Topic. */
  aggregatetype: string;
  /** Key. */
  aggregateid: string;
  type: string;
  /** Null for a tombstone. */
  payload: unknown;
  headers: Record<string, string>;
}

/** The table of one schema. Several statements; run it in a migration. */
export const outboxDdl = (schema: string): string => {
  const table = `${checkedName(schema)}.outbox`;
  return `create table ${table} (
  position bigint generated always as identity,
  id uuid not null constraint outbox_pkey primary key,
  aggregatetype text not null,
  aggregateid text not null,
  type text not null,
  payload jsonb,
  headers jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
create index outbox_unpublished on ${table} (position) where published_at is null;`;
};

/**
 * The row of an event written by `writeEvent`. Its id is the event's when that is a UUID, else one derived from source and
 * id: the same event inserted twice violates the primary key, whoever tries.
 */
export const outboxRowOf = ({ topic, key, value, headers }: OutgoingRecord): OutboxRow => ({
  id: UUID.test(headers.ce_id) ? headers.ce_id.toLowerCase() : requestIdOf(headers.ce_source, headers.ce_id),
  aggregatetype: topic,
  aggregateid: key,
  type: headers.ce_type,
  payload: value === null ? null : JSON.parse(new TextDecoder().decode(value)),
  headers,
});

/** The record as it goes to the bus. */
export const recordOfOutbox = (row: OutboxRow): OutgoingRecord => ({
  topic: row.aggregatetype,
  key: row.aggregateid,
  value: row.payload === null ? null : new TextEncoder().encode(JSON.stringify(row.payload)),
  headers: row.headers,
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Names come from our own code; the check keeps it so. `schema` or `schema.table`. */
export const checkedName = (name: string): string => {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name))
    throw new PlatformError('CONFIGURATION_INVALID', `"${name}" is no name of a schema or table.`);
  return name;
};
