import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs, early cancellations, and the outbox in Debezium's columns. */
export class Jobs1763720000000 implements MigrationInterface {
  readonly name = 'Jobs1763720000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table trainer.jobs (
        request_id uuid constraint jobs_pkey primary key,
        source text not null,
        event_id text not null,
        model text not null,
        request jsonb not null,
        state text not null constraint jobs_state check
          (state in ('queued', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'timed-out')),
        attempt integer not null default 0,
        failures integer not null default 0,
        losses integer not null default 0,
        waits integer not null default 0,
        fence integer not null default 0,
        due_at timestamptz not null default now(),
        leased_by text,
        leased_until timestamptz,
        cancel_reason text,
        run_id text,
        logged_model_id text,
        metrics jsonb,
        version integer,
        verdict jsonb,
        failure jsonb,
        requested_at timestamptz not null,
        started_at timestamptz,
        ended_at timestamptz,
        constraint jobs_leased_while_running check ((state = 'running') = (leased_until is not null))
      )`);
    await db.query(`create index jobs_due on trainer.jobs (due_at) where state in ('queued', 'retrying')`);
    await db.query(`create index jobs_leased on trainer.jobs (leased_until) where state = 'running'`);
    await db.query(`
      create table trainer.cancellations (
        request_id uuid constraint cancellations_pkey primary key,
        reason text not null,
        requested_at timestamptz not null default now()
      )`);
    await db.query(`
      create table trainer.outbox (
        position bigint generated always as identity,
        id uuid constraint outbox_pkey primary key,
        aggregatetype text not null,
        aggregateid text not null,
        type text not null,
        payload jsonb,
        headers jsonb not null,
        created_at timestamptz not null default now(),
        published_at timestamptz
      )`);
    await db.query(`create index outbox_unpublished on trainer.outbox (position) where published_at is null`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table trainer.outbox, trainer.cancellations, trainer.jobs');
  }
}
