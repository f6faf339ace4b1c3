import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Priority and turns of models, presets as they were resolved, and what was trained last; a job may end as `skipped`. */
export class Turns1763730000000 implements MigrationInterface {
  readonly name = 'Turns1763730000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table trainer.jobs
        add column resolved jsonb,
        add column priority integer not null default 0,
        add column fingerprint text,
        drop constraint jobs_state,
        add constraint jobs_state check
          (state in ('queued', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'timed-out', 'skipped'))`);
    await db.query(`create index jobs_trained on trainer.jobs (model, ended_at) where state = 'succeeded'`);
    await db.query(`
      create table trainer.turns (
        model text constraint turns_pkey primary key,
        leased_at timestamptz not null
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table trainer.turns');
    await db.query('drop index trainer.jobs_trained');
    await db.query('alter table trainer.jobs drop column resolved, drop column priority, drop column fingerprint');
  }
}
