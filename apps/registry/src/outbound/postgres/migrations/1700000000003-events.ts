import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox (Debezium's column names), the live feed, and what is heard from trainer and predictors. */
export class Events1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...tables].reverse()) await runner.query(`drop table registry.${table}`);
  }
}

const tables = ['outbox', 'feed', 'training_requests', 'fleet'];

const statements = [
  `create table registry.outbox (
    position bigint generated always as identity,
    id uuid not null,
    aggregatetype text not null,
    aggregateid text not null,
    type text not null,
    payload jsonb,
    headers jsonb not null,
    created_at timestamptz not null default now(),
    published_at timestamptz,
    constraint outbox_pk primary key (id)
  )`,
  `create index outbox_unpublished_ix on registry.outbox (position) where published_at is null`,
  // Readers follow (transaction_id, position): a row of a transaction that commits late is never jumped over.
  `create table registry.feed (
    position bigint generated always as identity,
    transaction_id xid8 not null default pg_current_xact_id(),
    type text not null,
    event_id text not null,
    source text not null,
    subject text,
    time timestamptz not null,
    generation bigint,
    data jsonb,
    written_at timestamptz not null default now(),
    constraint feed_pk primary key (position),
    constraint feed_event_uq unique (type, source, event_id)
  )`,
  `create index feed_cursor_ix on registry.feed (transaction_id, position)`,
  `create table registry.training_requests (
    id uuid not null,
    model text not null,
    recipe text not null default '',
    parameters jsonb not null default '{}',
    source text not null default '',
    state text not null,
    attempt integer not null default 0,
    message text not null default '',
    run_id text,
    version integer,
    metrics jsonb not null default '{}',
    error jsonb,
    requested_at timestamptz not null,
    ended_at timestamptz,
    constraint training_requests_pk primary key (id)
  )`,
  `create index training_requests_requested_ix on registry.training_requests (requested_at desc, id)`,
  `create table registry.fleet (
    predictor_id text not null,
    model text not null,
    said jsonb not null,
    said_at timestamptz not null,
    constraint fleet_pk primary key (predictor_id, model)
  )`,
];
