import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Datasets by which generative models are judged, their records, and the experiments that use them. */
export class EvaluationDatasets1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...tables].reverse()) await runner.query(`drop table registry.${table}`);
  }
}

const tables = [
  'evaluation_datasets',
  'evaluation_dataset_tags',
  'evaluation_dataset_experiments',
  'evaluation_dataset_records',
];

const statements = [
  `create table registry.evaluation_datasets (
    dataset_id text not null,
    name text not null,
    digest text not null,
    schema text,
    profile text,
    created_time bigint not null,
    last_update_time bigint not null,
    created_by text,
    last_updated_by text,
    constraint evaluation_datasets_pk primary key (dataset_id)
  )`,
  `create index evaluation_datasets_created_ix on registry.evaluation_datasets (created_time desc, dataset_id desc)`,
  `create table registry.evaluation_dataset_tags (
    dataset_id text not null,
    key text not null,
    value text not null,
    position bigint generated always as identity,
    constraint evaluation_dataset_tags_pk primary key (dataset_id, key),
    constraint evaluation_dataset_tags_dataset_fk foreign key (dataset_id)
      references registry.evaluation_datasets (dataset_id) on delete cascade
  )`,
  // No foreign key to experiments: MLflow lets a dataset be made for one that is not there (yet).
  `create table registry.evaluation_dataset_experiments (
    dataset_id text not null,
    experiment_id text not null,
    position bigint generated always as identity,
    constraint evaluation_dataset_experiments_pk primary key (dataset_id, experiment_id),
    constraint evaluation_dataset_experiments_dataset_fk foreign key (dataset_id)
      references registry.evaluation_datasets (dataset_id) on delete cascade
  )`,
  `create index evaluation_dataset_experiments_experiment_ix
    on registry.evaluation_dataset_experiments (experiment_id, dataset_id)`,
  // Text, not jsonb: how numbers are written and how keys are ordered is part of the answer.
  `create table registry.evaluation_dataset_records (
    dataset_id text not null,
    dataset_record_id text not null,
    input_hash text not null,
    inputs text not null,
    outputs text,
    expectations text,
    tags text not null,
    source text,
    source_id text,
    source_type text,
    created_time bigint not null,
    last_update_time bigint not null,
    created_by text,
    last_updated_by text,
    constraint evaluation_dataset_records_pk primary key (dataset_id, created_time, dataset_record_id),
    constraint evaluation_dataset_records_input_uq unique (dataset_id, input_hash),
    constraint evaluation_dataset_records_dataset_fk foreign key (dataset_id)
      references registry.evaluation_datasets (dataset_id) on delete cascade
  )`,
];
