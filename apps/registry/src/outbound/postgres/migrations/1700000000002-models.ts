import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Registered models, their versions, and the promotion pointer with its history. */
export class Models1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...tables].reverse()) await runner.query(`drop table registry.${table}`);
  }
}

const tables = [
  'registered_models',
  'registered_model_tags',
  'model_versions',
  'model_version_tags',
  'model_aliases',
  'promotion_pointers',
  'promotions',
  'promotion_policies',
  'policy_decisions',
];

const statements = [
  `create table registry.registered_models (
    name text not null,
    description text,
    creation_time bigint not null,
    last_update_time bigint not null,
    constraint registered_models_pk primary key (name)
  )`,
  `create table registry.registered_model_tags (
    name text not null,
    key text not null,
    value text not null,
    constraint registered_model_tags_pk primary key (name, key),
    constraint registered_model_tags_model_fk foreign key (name) references registry.registered_models (name)
      on update cascade on delete cascade
  )`,
  `create table registry.model_versions (
    name text not null,
    version integer not null,
    creation_time bigint not null,
    last_update_time bigint not null,
    description text,
    current_stage text not null default 'None',
    status text not null default 'READY',
    status_message text,
    source text not null,
    storage_location text not null,
    run_id text,
    run_link text,
    model_id text,
    user_id text,
    origin text not null default 'client',
    request_id text,
    promote text not null default 'policy',
    artifact_sha256 text,
    artifact_size bigint,
    signature jsonb,
    not_servable_reason text,
    constraint model_versions_pk primary key (name, version),
    constraint model_versions_model_fk foreign key (name) references registry.registered_models (name)
      on update cascade on delete cascade,
    constraint model_versions_request_uq unique (request_id),
    constraint model_versions_stage_ck check (current_stage in ('None', 'Staging', 'Production', 'Archived')),
    constraint model_versions_status_ck check (status in ('PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY')),
    constraint model_versions_origin_ck check (origin in ('training-request', 'client')),
    constraint model_versions_promote_ck check (promote in ('policy', 'never')),
    constraint model_versions_frozen_ck check (
      num_nonnulls(artifact_sha256, artifact_size, signature) in (0, 3)
      and (artifact_sha256 is null) = (not_servable_reason is not null)
    )
  )`,
  `create index model_versions_run_ix on registry.model_versions (run_id)`,
  `create table registry.model_version_tags (
    name text not null,
    version integer not null,
    key text not null,
    value text not null,
    constraint model_version_tags_pk primary key (name, version, key),
    constraint model_version_tags_version_fk foreign key (name, version) references registry.model_versions (name, version)
      on update cascade on delete cascade
  )`,
  `create table registry.model_aliases (
    name text not null,
    alias text not null,
    version integer not null,
    constraint model_aliases_pk primary key (name, alias),
    constraint model_aliases_version_fk foreign key (name, version) references registry.model_versions (name, version)
      on update cascade on delete cascade
  )`,
  // No foreign key on purpose: generation and version numbers outlive the model, so that neither ever restarts for a name.
  `create table registry.promotion_pointers (
    name text not null,
    version integer,
    generation bigint not null default 0,
    last_version integer not null default 0,
    first_promoted_at timestamptz,
    constraint promotion_pointers_pk primary key (name)
  )`,
  `create table registry.promotions (
    name text not null,
    generation bigint not null,
    version integer,
    previous_version integer,
    cause text not null,
    promoted_by text not null,
    reason text not null,
    promoted_at timestamptz not null,
    constraint promotions_pk primary key (name, generation),
    constraint promotions_cause_ck check (cause in ('policy', 'request', 'rollback', 'stage', 'alias', 'retired')),
    constraint promotions_version_ck check ((version is null) = (cause = 'retired'))
  )`,
  `create table registry.promotion_policies (
    name text not null,
    policy jsonb not null,
    updated_at timestamptz not null,
    constraint promotion_policies_pk primary key (name)
  )`,
  `create table registry.policy_decisions (
    event_id text not null,
    name text not null,
    version integer not null,
    promoted boolean not null,
    reason text not null,
    decided_at timestamptz not null,
    constraint policy_decisions_pk primary key (name, version, event_id)
  )`,
];
