import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlatformError } from '#runtime';
import type { RecipeOutput } from '../recipe-output.js';
import { Family, limitMark, MARK } from './family.js';
import { checkFolder, watchLimits, type SandboxLimits } from './watch-limits.js';

export interface SandboxedCommand {
  argv: readonly string[];
  /** Its current folder, which it may fill up to the limit. */
  folder: string;
  /** All that it is given. */
  environment: Readonly<Record<string, string>>;
  /** In the environment of all that it starts. */
  mark: string;
  limits: SandboxLimits;
  /** Between SIGTERM and SIGKILL. */
  graceMs: number;
  /** A foreign program: it gets hard limits from the kernel, and its group ends with the trainer, however that ends. */
  guarded: boolean;
}

export interface Exit {
  code: number | null;
  killedBy: NodeJS.Signals | null;
}

/** What has been printed is read to its end, but not for ever: something may have got away with the pipe. */
const DRAIN_MS = 2_000;
/** What a process reserves is more than it touches (an idle Node reserves half a GiB); the watch sees what is touched. */
const DATA_HEADROOM_BYTES = 1024 ** 3;
/** A timer that is set for longer goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Enough for a file that broke its limit to be seen to have done so. */
const FILE_HEADROOM_BYTES = 1024 * 1024;

/**
 * Runs a command until it ends by itself, with nothing left of it afterwards.
 * Rejects with the reason of the signal, TRAINING_TIMED_OUT, RECIPE_LIMIT_EXCEEDED, or TRAINING_FAILED when it can't be started.
 */
export const runSandboxed = async (
  command: SandboxedCommand,
  output: RecipeOutput,
  signal: AbortSignal,
): Promise<Exit> => {
  signal.throwIfAborted();
  const child = await started(command);
  const family = new Family(command.mark, child.pid);
  let why: unknown;
  const stop = (reason: unknown): void => {
    if (why !== undefined) return;
    why = reason;
    // What takes more than it may is given no time to take yet more.
    void end(child, isLimit(reason) ? 0 : command.graceMs);
  };
  const onAbort = (): void => {
    stop(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const { timeoutMs } = command.limits;
  const timer = setTimeout(
    () => {
      stop(new PlatformError('TRAINING_TIMED_OUT', `The training took longer than ${String(timeoutMs)} ms; ask for less, or raise TRAINER_JOB_TIMEOUT_MS and the recipe's own limit.`)); // prettier-ignore
    },
    Math.min(timeoutMs, LONGEST_TIMER_MS),
  );
  const unwatch = watchLimits(family, command.folder, command.limits, stop);
  output.onFlood = stop;
  try {
    const reading = Promise.all([output.read(child.stdout, false), output.read(child.stderr, true)]);
    const exit = await exitOf(child);
    await endFamily(family, output);
    unwatch();
    await checkFolder(command.folder, command.limits.diskBytes, stop);
    const drained = new AbortController();
    await Promise.race([reading, sleep(DRAIN_MS, undefined, { signal: drained.signal })]);
    drained.abort();
    if (why !== undefined) throw why as Error;
    return exit;
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    unwatch();
    for (const stream of child.stdio) stream?.destroy();
  }
};

/**
 * Limits that outlast a burst between two looks, and a watcher in the recipe's group: when the trainer's end of stdin closes, all of the
 * group is killed. The script is fixed; the command comes to it as words.
 */
const GUARD = `ulimit -c 0; ulimit -d "$1" 2>/dev/null; ulimit -f "$2" 2>/dev/null; ulimit -m "$3" 2>/dev/null; shift 3
exec 3<&0
{ cat >/dev/null; kill -KILL 0; } <&3 >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`;

type Recipe = ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream };

const started = async ({ argv, folder, environment, mark, limits, guarded }: SandboxedCommand): Promise<Recipe> => {
  const { memoryBytes, diskBytes } = limits;
  const kB = String(Math.ceil((2 * memoryBytes + DATA_HEADROOM_BYTES) / 1024));
  const blocks = String(Math.ceil((diskBytes + FILE_HEADROOM_BYTES) / 512));
  const limitsOfKernel = [kB, blocks, String(limitMark(mark))];
  const [file, ...args] = guarded ? ['/bin/sh', '-c', GUARD, 'sh', ...limitsOfKernel, ...argv] : argv;
  // A group of its own: Ctrl-C at the terminal is the trainer's to handle, and a signal reaches grandchildren.
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...environment, [MARK]: mark },
    stdio: 'pipe',
    detached: true,
  });
  // Nothing is written there; an end that it closes is no fault.
  child.stdin.on('error', () => undefined);
  try {
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw new PlatformError('TRAINING_FAILED', `The recipe's command ${argv[0]} cannot be started.`, error);
  }
};

const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    const tell = (code: number | null, killedBy: NodeJS.Signals | null): void => {
      resolve({ code, killedBy });
    };
    if (isOver(child)) tell(child.exitCode, child.signalCode);
    else child.once('exit', tell);
  });

/** SIGTERM to the group, and SIGKILL when the first process has not ended in time. */
const end = async (child: ChildProcess, graceMs: number): Promise<void> => {
  signalGroup(child, 'SIGTERM');
  // One that stands still hears nothing else.
  signalGroup(child, 'SIGCONT');
  const patience = new AbortController();
  await Promise.race([exitOf(child), sleep(graceMs, undefined, { signal: patience.signal })]);
  patience.abort();
  if (!isOver(child)) signalGroup(child, 'SIGKILL');
};

const endFamily = async (family: Family, output: RecipeOutput): Promise<void> => {
  if (!(await family.end())) output.keep('(processes of this recipe could not be ended)');
};

const isLimit = (reason: unknown): boolean =>
  reason instanceof PlatformError && reason.code === 'RECIPE_LIMIT_EXCEEDED';

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    /* it is gone */
  }
};

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
