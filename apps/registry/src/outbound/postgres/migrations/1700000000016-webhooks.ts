import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks, and their deliveries: outbox and log in one. */
export class Webhooks1700000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['webhook_deliveries', 'webhooks']) await runner.query(`drop table registry.${table}`);
  }
}

const statements = [
  `create table registry.webhooks (
    id uuid not null,
    position bigint generated always as identity,
    name text not null,
    description text,
    url text not null,
    events text[] not null,
    status text not null default 'ACTIVE',
    sealed_secret text,
    creation_time bigint not null,
    last_update_time bigint not null,
    constraint webhooks_pk primary key (id)
  )`,
  // The body is kept as it was first written: what is signed and sent is the same at each try.
  `create table registry.webhook_deliveries (
    id uuid not null default gen_random_uuid(),
    position bigint generated always as identity,
    webhook_id uuid not null,
    event text not null,
    body text not null,
    state text not null default 'pending',
    attempts integer not null default 0,
    created_at timestamptz not null default now(),
    last_attempt_at timestamptz,
    next_attempt_at timestamptz not null default now(),
    retry_until timestamptz not null,
    response_status integer,
    error text,
    constraint webhook_deliveries_pk primary key (id),
    constraint webhook_deliveries_webhook_fk foreign key (webhook_id) references registry.webhooks (id) on delete cascade
  )`,
  `create index webhook_deliveries_due_ix on registry.webhook_deliveries (webhook_id, next_attempt_at)
   where state = 'pending'`,
  `create index webhook_deliveries_log_ix on registry.webhook_deliveries (webhook_id, position desc)`,
  `create index webhook_deliveries_age_ix on registry.webhook_deliveries (created_at)`,
];
