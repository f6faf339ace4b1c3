import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess } from './process-identity.js';
import type { RunNotes } from './run-notes.js';

export interface ServerProgram {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  logFile: string;
  /** The signal by which it shuts down in order. */
  signal: NodeJS.Signals;
  ready: () => Promise<boolean>;
  environment?: Record<string, string>;
  /** Whom it runs as, when not as us. */
  user?: { uid: number; gid: number };
  startTimeoutMs?: number;
}

/**
 * Starts a server in a process group of its own (Ctrl-C must reach us only, who stop the servers in order) and waits until it answers.
 * @throws Error with the last lines of its log when it ends or does not answer in time.
 */
export const startServer = async (program: ServerProgram, notes: RunNotes): Promise<() => Promise<void>> => {
  const log = openSync(program.logFile, 'w');
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    detached: true,
    stdio: ['ignore', log, log],
    ...(program.environment === undefined ? {} : { env: program.environment }),
    ...program.user,
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(`can't be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      resolve(`ended with ${signal ?? `code ${String(code)}`}`);
    });
  });
  if (child.pid === undefined) throw new Error(`${program.name} ${await ended}.`);
  const identity = notes.add(child.pid, program.signal);
  child.unref();

  let end: string | undefined;
  void ended.then((how) => (end = how));
  const deadline = Date.now() + (program.startTimeoutMs ?? 90_000);
  while (!(await program.ready().catch(() => false))) {
    if (end !== undefined) throw new Error(`${program.name} ${end}. Its last words:\n${lastLines(program.logFile)}`);
    if (Date.now() > deadline) {
      await endProcess(identity, 'SIGKILL');
      throw new Error(`${program.name} did not answer in time. Its last words:\n${lastLines(program.logFile)}`);
    }
    await sleep(50);
  }
  return () => endProcess(identity, program.signal);
};

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
