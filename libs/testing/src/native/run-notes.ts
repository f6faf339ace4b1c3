import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bornOf, endProcess, identityOf, isAlive, type ProcessIdentity, send } from './process-identity.js';

interface Noted {
  owner: ProcessIdentity;
  dataDir: string;
  /** A temporary folder is removed with the run. */
  temporary: boolean;
  servers: { process: ProcessIdentity; signal: NodeJS.Signals }[];
}

/**
 * What this process has started, written down where the next start finds it: a run that was killed with -9 can't clean up,
 * and its servers would hold ports and folders for ever.
 */
export class RunNotes {
  private readonly noted: Noted;
  private readonly file: string;

  constructor(cacheDir: string, dataDir: string, temporary: boolean) {
    this.noted = { owner: identityOf(process.pid), dataDir, temporary, servers: [] };
    mkdirSync(join(cacheDir, 'runs'), { recursive: true });
    this.file = join(cacheDir, 'runs', `${String(process.pid)}-${String(Date.now())}.json`);
    this.write();
    process.once('exit', this.endByForce);
  }

  add(pid: number, signal: NodeJS.Signals): ProcessIdentity {
    const one = identityOf(pid);
    this.noted.servers.push({ process: one, signal });
    this.write();
    return one;
  }

  /** To be called when every server has stopped. */
  close(): void {
    process.removeListener('exit', this.endByForce);
    if (this.noted.temporary) rmSync(this.noted.dataDir, { recursive: true, force: true });
    rmSync(this.file, { force: true });
  }

  /** The owner ends without having closed (an uncaught error): nothing is awaited any more, but nothing stays either. */
  private readonly endByForce = (): void => {
    for (const { process: one, signal } of this.noted.servers) send(one, signal === 'SIGINT' ? 'SIGQUIT' : 'SIGKILL');
  };

  private write(): void {
    writeFileSync(this.file, JSON.stringify(this.noted));
  }
}

/** Ends what runs left behind whose owner is gone; returns how many servers that were. */
export const clearLeftovers = async (cacheDir: string): Promise<number> => {
  let ended = 0;
  for (const { file, noted } of notesIn(cacheDir)) {
    if (isAlive(noted.owner)) continue;
    const left = noted.servers.filter(({ process: one }) => isAlive(one));
    await Promise.all(left.map(({ process: one, signal }) => endProcess(one, signal)));
    ended += left.length;
    if (noted.temporary) rmSync(noted.dataDir, { recursive: true, force: true });
    rmSync(file, { force: true });
  }
  return ended;
};

/** The process that uses a data folder now, if one does. */
export const userOf = (cacheDir: string, dataDir: string): number | undefined =>
  notesIn(cacheDir).find(({ noted }) => noted.dataDir === dataDir && isAlive(noted.owner))?.noted.owner.pid;

const notesIn = (cacheDir: string): { file: string; noted: Noted }[] => {
  const folder = join(cacheDir, 'runs');
  try {
    return readdirSync(folder).flatMap((name) => {
      const file = join(folder, name);
      try {
        return [{ file, noted: JSON.parse(readFileSync(file, 'utf8')) as Noted }];
      } catch {
        return []; // half written, or taken away by another start at this moment
      }
    });
  } catch {
    return [];
  }
};

/** Postgres writes its own number into its folder: a server whose note was lost is found by it. */
export const endOrphanPostmaster = async (databaseDir: string): Promise<void> => {
  let pid: number;
  let command: string;
  try {
    pid = Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return;
  }
  if (command.includes(databaseDir) && bornOf(pid) !== undefined) await endProcess(identityOf(pid), 'SIGINT');
};
