import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Trigrams of params and tags: `LIKE '%abc%'` reads the rows that may match instead of all of the key. Where Postgres has
 * no pg_trgm, or its owner does not let us create it, all goes on without. And what the planner must know to guess well:
 * how often a key has a value, and that nearly all values are small.
 */
export class SearchPlans1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`do $$ begin
      create extension if not exists pg_trgm with schema registry;
    exception when insufficient_privilege or feature_not_supported or undefined_file then
      raise notice 'LIKE on params and tags has no index: %', sqlerrm;
    end $$`);
    for (const table of tables) {
      await runner.query(createIndex(table));
      for (const statement of statistics(table)) await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await runner.query(`drop index if exists registry.${table}_like_ix`);
      await runner.query(`drop statistics registry.${table}_values_st, registry.${table}_sizes_st`);
    }
  }
}

const tables = ['run_params', 'run_tags'];

/**
 * Of the values that the index by value has, too. The expression keeps the planner from looking for equal values here,
 * where that costs more. A short list of new entries keeps writes even.
 */
const createIndex = (table: string) => `do $$
  declare class text := (
    select format('%I.%I', n.nspname, c.opcname) from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace
    where c.opcname = 'gin_trgm_ops');
  begin
    if class is not null then execute format(
      'create index ${table}_like_ix on registry.${table} using gin ((value || '''') %s) with (gin_pending_list_limit = 512)
       where octet_length(value) <= 1000', class);
    end if;
  end $$`;

const statistics = (table: string) => [
  `create statistics registry.${table}_values_st (mcv, dependencies) on key, value from registry.${table}`,
  `create statistics registry.${table}_sizes_st on (octet_length(value)) from registry.${table}`,
];
