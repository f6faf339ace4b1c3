import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What searches for runs walk along: the runs of an experiment in their natural order, and what was logged by key and
 * value. Values beyond 1,000 bytes do not fit into a b-tree; the few that there are have an index by key alone.
 */
export class SearchIndexes1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('drop index registry.runs_experiment_ix');
    for (const [name, definition] of Object.entries(indexes))
      await runner.query(`create index ${name} on registry.${definition}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(indexes)) await runner.query(`drop index registry.${name}`);
    await runner.query('create index runs_experiment_ix on registry.runs (experiment_id, start_time desc, run_id)');
  }
}

const indexes = {
  runs_experiment_ix: 'runs (experiment_id, start_time desc, run_id) include (lifecycle_stage)',
  run_latest_metrics_value_ix: 'run_latest_metrics (key, value, run_id)',
  run_params_value_ix: 'run_params (key, value, run_id) where octet_length(value) <= 1000',
  run_params_large_ix: 'run_params (key, run_id) where octet_length(value) > 1000',
  run_tags_value_ix: 'run_tags (key, value, run_id) where octet_length(value) <= 1000',
  run_tags_large_ix: 'run_tags (key, run_id) where octet_length(value) > 1000',
};
