import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#runtime';
import { DataSource } from 'typeorm';
import { CancellationEntity } from './cancellation.entity.js';
import { databaseError } from './database-errors.js';
import { JobEntity } from './job.entity.js';
import { Jobs1763720000000 } from './migrations/1763720000000-jobs.js';
import { Memory1763740000000 } from './migrations/1763740000000-memory.js';
import { Turns1763730000000 } from './migrations/1763730000000-turns.js';

/** Any number will do; it keeps two trainers that start together from migrating together. */
const MIGRATION_LOCK = 7_283_140_951;
/** The patience of a health check with a server that accepts and says nothing. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * The trainer's schema in Postgres. Connects and migrates when it is first used, and again at the next use while that
 * fails: a trainer that starts before its database is live, and works as soon as it is there.
 */
export class TrainerDatabase {
  private connected?: Promise<DataSource>;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {}

  /** True while it answers, connected and migrated; a server that stands still counts as away. */
  async answers(): Promise<boolean> {
    const late = new AbortController();
    try {
      return await Promise.race([
        this.use((source) => source.query('select 1')).then(
          () => true,
          () => false,
        ),
        sleep(ANSWER_WITHIN_MS, false, { signal: late.signal }),
      ]);
    } finally {
      late.abort();
    }
  }

  /** Runs `work`. Errors: `DATABASE_UNAVAILABLE` when waiting may help; others as they are. */
  async use<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    try {
      this.connected ??= this.connect();
      return await work(await this.connected);
    } catch (error) {
      throw databaseError(error);
    }
  }

  async close(): Promise<void> {
    const source = await this.connected?.catch(() => undefined);
    this.connected = undefined;
    if (source?.isInitialized === true) await source.destroy();
  }

  private async connect(): Promise<DataSource> {
    const source = new DataSource({
      type: 'postgres',
      url: this.url,
      schema: 'trainer',
      entities: [JobEntity, CancellationEntity],
      migrations: [Jobs1763720000000, Turns1763730000000, Memory1763740000000],
      migrationsTableName: 'migrations',
      applicationName: 'baton-trainer',
      connectTimeoutMS: 5_000,
      poolErrorHandler: (error: unknown) => {
        this.logger.warn('A connection to the database was lost.', { error });
      },
    });
    try {
      await source.initialize();
      await migrate(source);
      return source;
    } catch (error) {
      this.connected = undefined;
      if (source.isInitialized) await source.destroy();
      throw error;
    }
  }
}

const migrate = async (source: DataSource): Promise<void> => {
  const lock = source.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await lock.query('create schema if not exists trainer');
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
  }
};
