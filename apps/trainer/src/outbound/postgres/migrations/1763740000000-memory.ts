import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the recipe of a job declares: a trainer leases what fits. */
export class Memory1763740000000 implements MigrationInterface {
  readonly name = 'Memory1763740000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('alter table trainer.jobs add column memory_bytes bigint');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table trainer.jobs drop column memory_bytes');
  }
}
