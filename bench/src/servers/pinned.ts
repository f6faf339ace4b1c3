import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The cores of a measurement, as taskset takes them (`0,1` or `0-3`). */
export interface Cores {
  /** Of every server under measurement, ours or another's. */
  servers: string;
  /** Of the load generators. */
  load: string;
}

/** From four cores on the generators have two of their own; on fewer they share those of the servers, whosever they are. */
export const defaultCores = (count = availableParallelism()): Cores => {
  if (count >= 4) return { servers: '0,1', load: '2,3' };
  const all = Array.from({ length: count }, (_, core) => core).join(',');
  return { servers: all, load: all };
};

export const coresInWords = ({ servers, load }: Cores): string =>
  servers === load
    ? `servers and load generators on the cores ${servers}`
    : `servers on the cores ${servers}, load generators on ${load}`;

/** The command that runs another one on these cores (Linux's taskset becomes it, so it has the same process id). */
export const pinned = (cores: string | undefined, command: string, args: string[]): [string, string[]] =>
  cores === undefined ? [command, args] : ['taskset', ['-c', cores, command, ...args]];

/** A Node process of ours that is told what to do by messages. */
export const forkOn = (cores: string | undefined, module: URL, args: string[] = []): ChildProcess => {
  const [execPath, execArgv] = pinned(cores, process.execPath, []);
  return fork(fileURLToPath(module), args, { execPath, execArgv, serialization: 'advanced' });
};
