import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Presets of models with the one that is current, schedules, attempts with their tokens, and how far a training has come. */
export class PresetsAndSchedules1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['training_attempts', 'schedules', 'presets'])
      await runner.query(`drop table registry.${table}`);
    await runner.query(
      'alter table registry.training_requests drop column preset, drop column priority, drop column progress',
    );
  }
}

const statements = [
  `create table registry.presets (
    model text not null,
    name text not null,
    recipe text not null,
    parameters jsonb not null,
    dataset jsonb,
    is_current boolean not null,
    updated_at timestamptz not null,
    constraint presets_pk primary key (model, name)
  )`,
  `create unique index presets_current_uq on registry.presets (model) where is_current`,
  `create table registry.schedules (
    model text not null,
    name text not null,
    cron text not null,
    time_zone text not null,
    preset text,
    priority integer not null default 0,
    only_if_changed boolean not null,
    paused boolean not null,
    next_at timestamptz,
    last_at timestamptz,
    last_request_id uuid,
    constraint schedules_pk primary key (model, name),
    constraint schedules_preset_fk foreign key (model, preset) references registry.presets (model, name),
    constraint schedules_paused_ck check (not (paused and next_at is not null))
  )`,
  `create index schedules_due_ix on registry.schedules (next_at) where next_at is not null`,
  // The hash is null once the request is over: whatever still comes with its token is refused.
  `create table registry.training_attempts (
    request_id uuid not null,
    fence integer not null,
    token_sha256 text,
    promote text not null,
    begun_at timestamptz not null default now(),
    constraint training_attempts_pk primary key (request_id)
  )`,
  `alter table registry.training_requests
    add column preset text,
    add column priority integer not null default 0,
    add column progress jsonb`,
];
