import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A run's page shows the models that it logged. */
export class ModelsOfRuns1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index logged_models_source_run_ix on registry.logged_models (source_run_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index registry.logged_models_source_run_ix');
  }
}
