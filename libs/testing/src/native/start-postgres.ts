import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { databaseAnswers, ensureDatabase } from '../postgres/database-answers.js';
import { credentials, environmentOf, type RunningService } from '../service.js';
import type { NativeOptions } from './native-service.js';
import { type PostgresPrograms, postgresPrograms } from './postgres-programs.js';
import { endOrphanPostmaster } from './run-notes.js';
import { startServer } from './server-program.js';

/** Real PostgreSQL 18 from npm, on the loopback. */
export const startPostgres = async (options: NativeOptions): Promise<RunningService> => {
  const programs = await postgresPrograms();
  const folder = join(options.dataDir, 'postgres');
  const database = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  if (programs.user !== undefined) chownSync(folder, programs.user.uid, programs.user.gid);
  await endOrphanPostmaster(database);
  if (!existsSync(join(database, 'PG_VERSION'))) await initialise(programs, folder, database);

  const environment = environmentOf.postgres('127.0.0.1', options.port);
  const maintenance = new URL(environment.DATABASE_URL);
  maintenance.pathname = '/postgres';
  // Every e2e process has a pool of its own: the default of 100 connections is soon used up.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300'];
  if (options.temporary) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  const stop = await startServer(
    {
      name: 'PostgreSQL',
      command: programs.postgres,
      args: ['-D', database, '-p', String(options.port), ...settings.flatMap((setting) => ['-c', setting])],
      cwd: folder,
      logFile: join(options.dataDir, 'postgres.log'),
      signal: 'SIGINT', // its "fast" way: running transactions are rolled back
      user: programs.user,
      ready: () => databaseAnswers(maintenance.href),
    },
    options.notes,
  );
  await ensureDatabase(maintenance.href, credentials.database);
  return { name: 'postgres', how: 'native, PostgreSQL 18 from npm', environment, stop };
};

const initialise = async (programs: PostgresPrograms, folder: string, database: string): Promise<void> => {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${credentials.password}\n`, { mode: 0o600 });
  if (programs.user !== undefined) chownSync(passwordFile, programs.user.uid, programs.user.gid);
  rmSync(database, { recursive: true, force: true }); // an initdb that was broken off
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  await promisify(execFile)(
    programs.initdb,
    ['-D', database, `--username=${credentials.user}`, `--pwfile=${passwordFile}`, ...flags],
    { cwd: folder, ...programs.user },
  );
  rmSync(passwordFile);
};
