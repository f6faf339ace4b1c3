import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCodes, type ErrorCode } from '#contracts';
import { PlatformError } from '#runtime';
import {
  RecipeRunner,
  type RecipeProgress,
  type RecipeResult,
  type RecipeTask,
  type WorkFolder,
} from '../../core/recipe-runner.js';
import { exitCodes, resultFile, type DataFile } from './recipe-contract.js';
import { RecipeOutput } from './recipe-output.js';

export interface RecipeProcessOptions {
  /** Where work folders are made; unset: the system's temporary folder. */
  workDir?: string;
  timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  graceMs?: number;
  /** What is run, argv; the built-in recipes' process when absent. */
  command?: string[];
}

const GRACE_MS = 5_000;

/** Each recipe in a Node process and a process group of its own, told what to do by files, and ended with everything it started. */
export class RecipeProcesses extends RecipeRunner {
  constructor(private readonly options: RecipeProcessOptions) {
    super();
  }

  async workFolder(name: string): Promise<WorkFolder> {
    const parent = this.options.workDir ?? tmpdir();
    await mkdir(parent, { recursive: true });
    const path = await mkdtemp(join(parent, `baton-${name}-`));
    await mkdir(join(path, 'input'));
    await mkdir(join(path, 'output', 'model'), { recursive: true });
    const logPath = join(path, 'train.log');
    await writeFile(logPath, '');
    return { path, logPath, remove: () => rm(path, { recursive: true, force: true }) };
  }

  async run(
    { recipe, parameters, data, target, features, testShare }: RecipeTask,
    folder: WorkFolder,
    onProgress: (progress: RecipeProgress) => void,
    signal: AbortSignal,
  ): Promise<RecipeResult> {
    signal.throwIfAborted();
    await writeJson(join(folder.path, 'input', 'params.json'), { recipe, parameters });
    const { path, format } = data;
    await writeJson(join(folder.path, 'input', 'data.json'), {
      path,
      format,
      target,
      features,
      testShare,
    } satisfies DataFile);
    const output = new RecipeOutput(folder.logPath, onProgress);
    try {
      const exit = await this.spawned(folder, output, signal);
      return await this.resultOf(folder, exit, output);
    } finally {
      await output.close();
    }
  }

  /** Resolves when the process has ended by itself; rejects when it was ended. */
  private async spawned(folder: WorkFolder, output: RecipeOutput, signal: AbortSignal): Promise<Exit> {
    const [file, ...args] = this.options.command ?? [process.execPath, builtInRecipes()];
    // A group of its own: Ctrl-C at the terminal is the trainer's to handle, and a sweep reaches grandchildren.
    const child = spawn(file, args, { cwd: folder.path, env: {}, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const timeout = AbortSignal.timeout(this.options.timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    const stop = () => void this.end(child);
    either.addEventListener('abort', stop, { once: true });
    if (either.aborted) stop();
    try {
      const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
      const [[code, killedBy]] = await Promise.all([
        ended,
        output.read(child.stdout, false),
        output.read(child.stderr, true),
      ]);
      signal.throwIfAborted();
      if (timeout.aborted)
        throw new PlatformError(
          'TRAINING_TIMED_OUT',
          `The training took longer than ${String(this.options.timeoutMs)} ms; ask for less, or raise TRAINER_JOB_TIMEOUT_MS.`,
        );
      return { code, killedBy };
    } finally {
      either.removeEventListener('abort', stop);
      sweep(child);
    }
  }

  private async end(child: ChildProcess): Promise<void> {
    if (isOver(child)) return;
    signalGroup(child, 'SIGTERM');
    const patience = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
    }, this.options.graceMs ?? GRACE_MS);
    await once(child, 'exit');
    clearTimeout(patience);
  }

  private async resultOf(folder: WorkFolder, { code, killedBy }: Exit, output: RecipeOutput): Promise<RecipeResult> {
    const told = await readResult(join(folder.path, 'output', 'result.json'));
    if (told !== undefined && 'error' in told) throw new PlatformError(codeOf(told.error.code), told.error.detail);
    const last = output.lastError === '' ? '' : ` Its last words: ${output.lastError}`;
    if (killedBy !== null)
      throw new PlatformError(
        'TRAINING_CRASHED',
        `The training process was ended by ${killedBy}, perhaps for want of memory.${last}`,
      );
    if (code !== exitCodes.done)
      throw new PlatformError(codeOfExit(code), `The recipe ended with exit code ${String(code)}.${last}`);
    if (told === undefined)
      throw new PlatformError('TRAINING_FAILED', `The recipe ended without a readable output/result.json.${last}`);
    const model = join(folder.path, 'output', 'model');
    return { ...told, files: Object.fromEntries(told.files.map((name) => [name, join(model, name)])) };
  }
}

interface Exit {
  code: number | null;
  killedBy: NodeJS.Signals | null;
}

const builtInRecipes = (): string => createRequire(import.meta.url).resolve('#trainer/recipe-process');

const writeJson = (path: string, value: unknown): Promise<void> => writeFile(path, JSON.stringify(value));

const readResult = async (path: string) => {
  try {
    return resultFile.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
};

const codeOf = (code: string): ErrorCode => (Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'TRAINING_FAILED');

const codeOfExit = (code: number | null): ErrorCode =>
  code === exitCodes.badParameters
    ? 'PARAMETER_INVALID'
    : code === exitCodes.badData
      ? 'DATASET_INVALID'
      : 'TRAINING_FAILED';

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    /* it is gone */
  }
};

/** What the recipe itself had started and left behind. */
const sweep = (child: ChildProcess): void => {
  if (isOver(child)) signalGroup(child, 'SIGKILL');
};

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
