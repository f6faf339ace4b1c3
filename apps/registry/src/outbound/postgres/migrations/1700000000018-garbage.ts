import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What garbage collection needs to be safe beside registrations, and to go on after a crash (docs/adr/0009). */
export class Garbage1700000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table registry.model_versions drop constraint model_versions_blob_fk');
    await runner.query('drop trigger runs_deleted_time on registry.runs');
    await runner.query('drop function registry.note_deleted_time()');
    await runner.query('alter table registry.runs drop column deleted_time');
    for (const table of ['frozen_blobs', 'purges']) await runner.query(`drop table registry.${table}`);
  }
}

const statements = [
  // A row says that the blob may be wanted; versions point at it, so that none can be made of a blob that is going.
  `create table registry.frozen_blobs (
    sha256 text not null,
    wanted_at timestamptz not null,
    constraint frozen_blobs_pk primary key (sha256)
  )`,
  `insert into registry.frozen_blobs (sha256, wanted_at)
   select distinct artifact_sha256, now() from registry.model_versions where artifact_sha256 is not null`,
  `alter table registry.model_versions add constraint model_versions_blob_fk
     foreign key (artifact_sha256) references registry.frozen_blobs (sha256)`,
  `create index model_versions_blob_ix on registry.model_versions (artifact_sha256) where artifact_sha256 is not null`,
  // Places whose rows are gone and whose files are going; kept for a while, so that nobody registers what just went.
  `create table registry.purges (
    location text not null,
    began_at timestamptz not null default now(),
    done_at timestamptz,
    constraint purges_pk primary key (location)
  )`,
  // Whichever door deletes a run, its age as garbage counts from then.
  `alter table registry.runs add column deleted_time bigint`,
  `update registry.runs set deleted_time = (extract(epoch from now()) * 1000)::bigint where lifecycle_stage = 'deleted'`,
  `create function registry.note_deleted_time() returns trigger language plpgsql as $$
   begin
     new.deleted_time := case when new.lifecycle_stage = 'deleted'
       then (extract(epoch from clock_timestamp()) * 1000)::bigint end;
     return new;
   end $$`,
  `create trigger runs_deleted_time before update of lifecycle_stage on registry.runs for each row
   when (old.lifecycle_stage is distinct from new.lifecycle_stage) execute function registry.note_deleted_time()`,
  `create index runs_deleted_ix on registry.runs (deleted_time) where lifecycle_stage = 'deleted'`,
  // What belongs to a run, a logged model or an experiment goes with it; runs and logged models themselves never do.
  `do $$
   declare fk record;
   begin
     for fk in
       select c.conrelid::regclass as child, c.conname, pg_get_constraintdef(c.oid) as definition
       from pg_constraint c
       where c.contype = 'f' and c.confdeltype = 'a'
         and c.confrelid in ('registry.runs'::regclass, 'registry.logged_models'::regclass, 'registry.experiments'::regclass)
         and c.conrelid not in ('registry.runs'::regclass, 'registry.logged_models'::regclass)
     loop
       execute format('alter table %s drop constraint %I', fk.child, fk.conname);
       execute format('alter table %s add constraint %I %s on delete cascade', fk.child, fk.conname, fk.definition);
     end loop;
   end $$`,
];
