import type pg from 'pg';

/** Wakes subscribers; a hint only, the slow poll finds what a lost notification did not tell. */
export const BUS_CHANNEL = 'baton_bus';

/**
 * The log as tables. `offset` counts from 0 within a partition without gaps: a publisher takes it from the partition's row
 * and holds that row until its commit, so records become visible in the order of their offsets and `offset >= mine` can
 * lose none — with no need of `pg_snapshot_xmin`, which any long transaction of the cluster would hold back.
 */
const ddl = `
create schema if not exists bus;
create table if not exists bus.topics (
  name text primary key,
  partitions int not null check (partitions > 0),
  cleanup text not null,
  retention_ms bigint not null,
  created_at timestamptz not null default now()
);
create table if not exists bus.partitions (
  topic text not null references bus.topics (name) on delete cascade,
  partition int not null,
  next_offset bigint not null default 0,
  primary key (topic, partition)
);
create table if not exists bus.log (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text,
  value bytea,
  headers jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (topic, partition, "offset"),
  foreign key (topic, partition) references bus.partitions (topic, partition) on delete cascade
);
create index if not exists log_by_key on bus.log (topic, partition, key, "offset");
create table if not exists bus.group_offsets (
  topic text not null references bus.topics (name) on delete cascade,
  consumer_group text not null,
  partition int not null,
  next_offset bigint not null,
  updated_at timestamptz not null default now(),
  primary key (topic, consumer_group, partition)
);`;

/** Makes what is missing; safe when several processes begin at once (`if not exists` alone is not). */
export const ensureBusSchema = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('bus.group_offsets') is not null as there`,
  );
  if (rows[0].there) return;
  await client.query('begin');
  try {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('baton/bus/schema', 0))`);
    await client.query(ddl);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
};
