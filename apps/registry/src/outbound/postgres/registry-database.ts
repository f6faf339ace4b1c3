import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientBase, Pool, QueryConfig } from 'pg';
import { DataSource, type EntityManager, type EntityTarget, type ObjectLiteral, type Repository } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { PlatformError, messageOf, type Logger } from '#runtime';
import { isConflict, isUnavailable, isUnstorable } from './database-errors.js';
import { entities, migrations } from './schema.js';

const RETRY_MS = 1_000;
/** Any number, the same in every process: who migrates holds it. */
const MIGRATION_LOCK = 4_831_200_517;
const CONFLICT_ATTEMPTS = 4;

interface Scope {
  manager: EntityManager;
  afterCommit: (() => void)[];
}

/**
 * The one DataSource. It is opened in the background, so that HTTP is live while the database is away; until then, and
 * whenever the database is lost, every use fails with DATABASE_UNAVAILABLE. The transaction in whose scope code runs is
 * found by itself: adapters are the same inside and outside of one.
 */
export class RegistryDatabase {
  private readonly source: DataSource;
  private readonly scope = new AsyncLocalStorage<Scope>();
  private closed = false;

  constructor(
    url: string,
    private readonly logger: Logger,
  ) {
    this.source = new DataSource({
      type: 'postgres',
      url,
      schema: 'registry',
      entities,
      migrations,
      migrationsTableName: 'migrations',
      applicationName: 'baton-registry',
      poolSize: 20,
      connectTimeoutMS: 5_000,
      // A forgotten transaction would stall every reader that follows xmin.
      extra: { idle_in_transaction_session_timeout: 60_000 },
      poolErrorHandler: (error: unknown) => {
        logger.warn(`A connection to the database broke: ${messageOf(error)}`);
      },
    });
  }

  /** Connects and migrates, trying for as long as it takes. Resolves when the schema is there. */
  async open(): Promise<void> {
    while (!this.closed) {
      try {
        await this.openOnce();
        return;
      } catch (error) {
        this.logger.warn(`The database can not be used yet; trying again: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** @throws whatever the driver or a migration threw. */
  async openOnce(): Promise<void> {
    const connected = this.source.isInitialized ? this.source : await this.source.initialize();
    try {
      await this.migrate(connected);
      this.usable = true;
    } catch (error) {
      await connected.destroy();
      throw error;
    }
  }

  private usable = false;

  /** True while the database answers and its schema is there. */
  async healthy(): Promise<boolean> {
    try {
      await this.query('select 1');
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.source.isInitialized) await this.source.destroy();
  }

  repository<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E> {
    return this.manager().getRepository(entity);
  }

  query<T>(sql: string, parameters: unknown[] = []): Promise<T> {
    return this.guard(() => this.manager().query<T>(sql, parameters));
  }

  /**
   * Runs a statement that each connection plans once, known by its name, past TypeORM: for what has to be fast. In the
   * transaction of the scope when there is one.
   */
  prepared<T>(statement: QueryConfig & { name: string; rowMode?: 'array' }): Promise<T[]> {
    return this.guard(async () => {
      const runner = this.manager().queryRunner;
      const client = (await runner?.connect()) as ClientBase | undefined;
      const pool = (this.source.driver as PostgresDriver).master as Pool;
      const { rows } = await (client ?? pool).query(statement as QueryConfig);
      return rows as T[];
    });
  }

  /** True inside of `transaction`. */
  get inTransaction(): boolean {
    return this.scope.getStore() !== undefined;
  }

  /** Runs repository calls with the errors of a lost database told as such. */
  guarded<T>(work: () => Promise<T>): Promise<T> {
    return this.guard(work);
  }

  /** Joins the transaction of the scope, or begins one; deadlock victims are tried again from the beginning. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.scope.getStore() !== undefined) return work();
    for (let attempt = 1; ; attempt++) {
      const afterCommit: (() => void)[] = [];
      try {
        const result = await this.guard(() =>
          this.manager().transaction((manager) => this.scope.run({ manager, afterCommit }, work)),
        );
        for (const after of afterCommit) after();
        return result;
      } catch (error) {
        if (attempt >= CONFLICT_ATTEMPTS || !isConflict(error)) throw error;
      }
    }
  }

  afterCommit(work: () => void): void {
    const scope = this.scope.getStore();
    if (scope === undefined) work();
    else scope.afterCommit.push(work);
  }

  private manager(): EntityManager {
    const scope = this.scope.getStore();
    if (scope !== undefined) return scope.manager;
    if (!this.usable) throw new PlatformError('DATABASE_UNAVAILABLE');
    return this.source.manager;
  }

  private async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isUnavailable(error)) throw new PlatformError('DATABASE_UNAVAILABLE', undefined, error);
      if (isUnstorable(error))
        throw new PlatformError('REQUEST_INVALID', `A value can not be stored: ${messageOf(error)}.`, error);
      throw error;
    }
  }

  /** One process migrates, the others wait for it. */
  private async migrate(source: DataSource): Promise<void> {
    const runner = source.createQueryRunner();
    try {
      await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await runner.query('create schema if not exists registry');
      await source.runMigrations({ transaction: 'each' });
    } finally {
      await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
      await runner.release();
    }
  }
}
