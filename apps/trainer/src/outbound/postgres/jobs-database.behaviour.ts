import pg from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { outboxRowOf } from '#messaging/postgres';
import { SilentLogger } from '#runtime';
import { freshDatabase } from '#testing';
import { PostgresJobs } from './postgres-jobs.js';
import { TrainerDatabase } from './trainer-database.js';

/** Of the file that runs, once `startJobsDatabase` was called. */
export let jobs: PostgresJobs;
export let sql: pg.Client;

/** A database of the file's own with the trainer's schema; empty before every test. */
export const startJobsDatabase = (): void => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let database: TrainerDatabase;
  beforeAll(async () => {
    db = await freshDatabase();
    database = new TrainerDatabase(db.url, new SilentLogger());
    jobs = new PostgresJobs(database, outboxRowOf);
    await jobs.depth();
    sql = new pg.Client({ connectionString: db.url });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await database.close();
    await db.drop();
  });
  beforeEach(() => sql.query('truncate trainer.jobs, trainer.cancellations, trainer.outbox, trainer.turns'));
};
