import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOf, end, identityOf } from '../process-identity.js';

/**
 * A `kill -9` of standalone leaves its PostgreSQL running. The next start finds it by postmaster.pid and takes it down,
 * but only if that process really is the postmaster of this very folder: the pid may have been given to another since.
 */
export const endOrphan = async (cluster: string, say: (sentence: string) => void): Promise<void> => {
  const file = join(cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const pid = Number(text.split('\n', 1)[0]);
  const found = Number.isSafeInteger(pid) && pid > 1 ? identityOf(pid) : undefined;
  if (found !== undefined && isPostmasterOf(commandOf(pid), cluster)) {
    say(
      `A PostgreSQL left over from a killed start still runs on this folder (process ${String(pid)}): taking it down.`,
    );
    await end(found, 'SIGINT', 15_000);
  }
  // No postmaster of this folder lives: the file would only make PostgreSQL refuse when the pid was given to another.
  await rm(file, { force: true });
};

export const isPostmasterOf = (command: string, cluster: string): boolean =>
  /(^|\/)postgres\s/.test(command) && ` ${command} `.includes(` -D ${cluster} `);
