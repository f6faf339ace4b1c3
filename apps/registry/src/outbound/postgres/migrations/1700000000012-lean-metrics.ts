import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The history of a metric holds nothing but its points, and its one index is the order in which they are read. What was
 * logged for a model lies in a table of its own. No foreign key from point to run: checking it took half the time of writing
 * a point, and the statement that writes looks at the run anyway.
 */
export class LeanMetrics1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}

const up = [
  `create table registry.logged_model_metrics (
    model_id text not null,
    key text not null,
    timestamp bigint not null,
    step bigint not null,
    run_id text not null,
    value double precision not null,
    experiment_id bigint not null,
    dataset_name text,
    dataset_digest text,
    constraint logged_model_metrics_pk primary key (model_id, key, timestamp, step, run_id),
    constraint logged_model_metrics_model_fk foreign key (model_id) references registry.logged_models (model_id) on delete cascade,
    constraint logged_model_metrics_run_fk foreign key (run_id) references registry.runs (run_id) on delete cascade
  )`,
  `create index logged_model_metrics_run_ix on registry.logged_model_metrics (run_id)`,
  `insert into registry.logged_model_metrics
     select m.model_id, m.key, m.timestamp, m.step, m.run_id, m.value, r.experiment_id, m.dataset_name, m.dataset_digest
     from registry.run_metrics m join registry.runs r using (run_id) join registry.logged_models l on l.model_id = m.model_id
     on conflict do nothing`,
  `alter table registry.run_metrics
     drop constraint run_metrics_uq, drop constraint run_metrics_run_fk,
     drop column model_id, drop column dataset_name, drop column dataset_digest`,
  `delete from registry.run_metrics m using registry.run_metrics twin
     where (m.run_id, m.key, m.timestamp, m.step, m.value) = (twin.run_id, twin.key, twin.timestamp, twin.step, twin.value)
     and m.ctid > twin.ctid`,
  `alter table registry.run_metrics add constraint run_metrics_pk primary key (run_id, key, timestamp, step, value)`,
  `alter table registry.run_latest_metrics drop column model_id, drop column dataset_name, drop column dataset_digest`,
];

const down = [
  `alter table registry.run_latest_metrics add column model_id text, add column dataset_name text, add column dataset_digest text`,
  `alter table registry.run_metrics drop constraint run_metrics_pk`,
  `alter table registry.run_metrics add column model_id text, add column dataset_name text, add column dataset_digest text`,
  `alter table registry.run_metrics add constraint run_metrics_run_fk foreign key (run_id) references registry.runs (run_id)`,
  `alter table registry.run_metrics add constraint run_metrics_uq
     unique nulls not distinct (run_id, key, timestamp, step, value, model_id, dataset_name, dataset_digest)`,
  `insert into registry.run_metrics (run_id, key, value, timestamp, step, model_id, dataset_name, dataset_digest)
     select run_id, key, value, timestamp, step, model_id, dataset_name, dataset_digest from registry.logged_model_metrics
     on conflict do nothing`,
  `create index run_metrics_model_ix on registry.run_metrics (model_id) where model_id is not null`,
  `drop table registry.logged_model_metrics`,
];
