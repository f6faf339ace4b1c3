import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a version was logged with as its input example: predictors warm up with it. JSON as text, for the order of keys. */
export class InputExamples1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table registry.model_versions add column input_example text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table registry.model_versions drop column input_example');
  }
}
