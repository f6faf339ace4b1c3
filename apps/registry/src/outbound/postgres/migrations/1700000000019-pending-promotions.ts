import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Promotions that wait for an ONNX file, and how far a policy's decision went. */
export class PendingPromotions1700000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}

const up = [
  `alter table registry.promotion_pointers
    add column pending_version integer,
    add column pending_since timestamptz,
    add column pending_cause text,
    add column pending_by text,
    add column pending_reason text,
    add constraint promotion_pointers_pending_ck check (
      num_nonnulls(pending_version, pending_since, pending_cause, pending_by, pending_reason) in (0, 5)
    )`,
  `alter table registry.policy_decisions add column outcome text not null default 'left'`,
  `update registry.policy_decisions set outcome = 'promoted' where promoted`,
  `alter table registry.policy_decisions
    alter column outcome drop default,
    add constraint policy_decisions_outcome_ck check (
      outcome in ('promoted', 'pending', 'staged', 'left') and promoted = (outcome = 'promoted')
    )`,
];

const down = [
  `alter table registry.policy_decisions drop column outcome`,
  `alter table registry.promotion_pointers
    drop column pending_version, drop column pending_since, drop column pending_cause, drop column pending_by,
    drop column pending_reason`,
];
