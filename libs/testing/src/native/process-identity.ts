import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process by number and birth: numbers are used again, so a number alone may name a stranger. */
export interface ProcessIdentity {
  pid: number;
  born: string;
}

/** When the process was born, in a form that only compares; undefined when there is none (a zombie is none). */
export const bornOf = (pid: number): string | undefined => {
  try {
    if (process.platform === 'linux') {
      // The name in brackets may hold spaces: fields are counted from the last bracket. State is field 3, start time field 22.
      const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
};

export const identityOf = (pid: number): ProcessIdentity => ({ pid, born: bornOf(pid) ?? 'gone' });

export const isAlive = (one: ProcessIdentity): boolean => bornOf(one.pid) === one.born;

/** Ends a process by the signal it likes, and by force when it has not gone after `patienceMs`. */
export const endProcess = async (
  one: ProcessIdentity,
  signal: NodeJS.Signals = 'SIGTERM',
  patienceMs = 15_000,
): Promise<void> => {
  const deadline = Date.now() + patienceMs;
  send(one, signal);
  while (isAlive(one)) {
    if (Date.now() > deadline) send(one, 'SIGKILL');
    await sleep(25);
  }
};

/** Sends a signal unless the process is gone. */
export const send = (one: ProcessIdentity, signal: NodeJS.Signals): void => {
  if (!isAlive(one)) return;
  try {
    process.kill(one.pid, signal);
  } catch {
    /* it went between the look and the signal */
  }
};
