import type { RawRecord } from '#contracts';

/** A row of `bus.log` as pg returns it: bigint as text, bytea as Buffer. */
export interface LogRow {
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  timestamp: string;
}

export const LOG_COLUMNS = `topic, partition, "offset", key, value, headers,
  floor(extract(epoch from created_at) * 1000)::bigint as timestamp`;

export const recordOf = ({ topic, partition, offset, key, value, headers, timestamp }: LogRow): RawRecord => ({
  topic,
  partition,
  offset,
  timestamp: Number(timestamp),
  key,
  value: value === null ? null : new Uint8Array(value),
  headers,
});
