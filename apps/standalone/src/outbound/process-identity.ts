import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When a process began, as its system tells it: with the pid it names one process, because pids are used again.
 * Undefined when no such process lives (one that has ended but was not waited for counts as dead).
 */
export const beginningOf = (pid: number): string | undefined => {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

/** The command line of a living process, arguments separated by blanks; '' when there is none. */
export const commandOf = (pid: number): string => {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
};

export interface ProcessIdentity {
  pid: number;
  began: string;
}

export const identityOf = (pid: number): ProcessIdentity | undefined => {
  const began = beginningOf(pid);
  return began === undefined ? undefined : { pid, began };
};

/** True while that very process lives; a later one with the same pid is another. */
export const lives = ({ pid, began }: ProcessIdentity): boolean => beginningOf(pid) === began;

/** True when it ended within the time. */
export const endedWithin = async (process: ProcessIdentity, timeoutMs: number): Promise<boolean> => {
  const deadline = Date.now() + timeoutMs;
  while (lives(process)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
};

/** Ends a process that we know to be ours: the signal, a wait, then `SIGKILL`. */
export const end = async (target: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<void> => {
  send(target, signal);
  if (await endedWithin(target, graceMs)) return;
  send(target, 'SIGKILL');
  await endedWithin(target, 5_000);
};

const send = (target: ProcessIdentity, signal: NodeJS.Signals): void => {
  if (!lives(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // it ended in between
  }
};
