import { stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FetchedModel } from '../../core/logged-model.js';
import type { RecipeDeclaration } from '../../core/recipe-declaration.js';
import {
  RecipeRunner,
  type RecipeProgress,
  type RecipeResult,
  type RecipeTask,
  type TableOptions,
  type WorkFolder,
} from '../../core/recipe-runner.js';
import { checkModel } from './check/check-model.js';
import { externalResult } from './external-result.js';
import type { PythonEnvironments } from './python-environments.js';
import type { DataFile } from './recipe-contract.js';
import { recipeEnvironment } from './recipe-environment.js';
import { RecipeOutput } from './recipe-output.js';
import { builtInResult, type Ended } from './recipe-result.js';
import { runSandboxed, type SandboxedCommand } from './sandbox/run-sandboxed.js';
import type { WorkFolders } from './work-folders.js';

export interface RecipeProcessOptions {
  timeoutMs: number;
  /** Of the tables that recipes read. */
  limits: { maxRows: number; maxBytes: number };
  /** Between SIGTERM and SIGKILL. */
  graceMs?: number;
  /** What is run for a built-in recipe, argv. */
  builtIn?: readonly string[];
  /** Processes of one recipe at a time. */
  processes?: number;
}

/** Short enough for a cancellation to be over within five seconds, heartbeat and all. */
const GRACE_MS = 2_000;
/** Far more than the threads of numerical libraries and their workers; far less than a machine bears. */
const MOST_PROCESSES = 256;

/** Each recipe in a process group of its own, told what to do by files, and ended with everything it started. */
export class RecipeProcesses extends RecipeRunner {
  constructor(
    private readonly folders: WorkFolders,
    private readonly pythons: PythonEnvironments,
    private readonly options: RecipeProcessOptions,
  ) {
    super();
  }

  workFolder(name: string): Promise<WorkFolder> {
    return this.folders.make(name);
  }

  async run(
    task: RecipeTask,
    folder: WorkFolder,
    onProgress: (progress: RecipeProgress) => void,
    signal: AbortSignal,
  ): Promise<RecipeResult> {
    signal.throwIfAborted();
    await writeInputs(task, folder, this.options.limits);
    const output = new RecipeOutput(folder.logPath, onProgress);
    try {
      const command = await this.commandOf(task, folder, onProgress, signal);
      const exit = await runSandboxed(command, output, signal);
      const ended: Ended = { ...exit, folder: folder.path, lastError: output.lastError };
      const { external } = task.declaration;
      if (external === undefined) return await builtInResult(ended);
      const result = await externalResult(ended, external.model);
      const path = result.files['model.onnx'];
      if (external.model !== 'logged')
        await checkModel({ path, sizeBytes: (await stat(path)).size }, command, output, signal);
      return result;
    } finally {
      await output.close();
    }
  }

  async tryModel(
    { path, sizeBytes, columns, example }: FetchedModel,
    declaration: RecipeDeclaration,
    folder: WorkFolder,
    signal: AbortSignal,
  ): Promise<void> {
    const output = new RecipeOutput(join(folder.path, 'check.log'), () => undefined);
    try {
      const { limits, ...place } = this.placeOf(declaration, folder);
      // What was fetched lies in the work folder, too.
      const room = { ...place, limits: { ...limits, diskBytes: limits.diskBytes + sizeBytes } };
      await checkModel({ path, sizeBytes, beside: { columns, example } }, room, output, signal);
    } finally {
      await output.close();
    }
  }

  private placeOf({ external, memoryBytes, diskBytes }: RecipeDeclaration, { path, mark }: WorkFolder) {
    const timeoutMs = Math.min(external?.timeoutMs ?? Infinity, this.options.timeoutMs);
    return {
      folder: path,
      mark,
      limits: { memoryBytes, diskBytes, processes: this.options.processes ?? MOST_PROCESSES, timeoutMs },
      graceMs: this.options.graceMs ?? GRACE_MS,
    };
  }

  private async commandOf(
    { declaration, environment }: RecipeTask,
    folder: WorkFolder,
    onProgress: (progress: RecipeProgress) => void,
    signal: AbortSignal,
  ): Promise<SandboxedCommand> {
    const { external } = declaration;
    const common = this.placeOf(declaration, folder);
    if (external === undefined)
      return { ...common, argv: this.options.builtIn ?? builtIn(), environment: {}, guarded: false };
    const argv = [...external.command];
    if (external.requirements !== undefined && argv[0] === 'python') {
      const onMaking = (): void => {
        onProgress({ message: 'Making the Python environment of this recipe; that is done once.' });
      };
      argv[0] = await this.pythons.interpreter(external.requirements, onMaking, signal);
    }
    return { ...common, argv, environment: recipeEnvironment(external, environment, folder), guarded: true };
  }
}

const builtIn = (): string[] => [process.execPath, createRequire(import.meta.url).resolve('#trainer/recipe-process')];

const writeInputs = async (
  task: RecipeTask,
  { path }: WorkFolder,
  { maxRows, maxBytes }: RecipeProcessOptions['limits'],
): Promise<void> => {
  const { declaration, parameters, data } = task;
  // One by one: a data set's address may hold a key, and stays here.
  const { target, features, drop, types, testShare, stratify, folds } = task;
  const options: TableOptions = { target, features, drop, types, testShare, stratify, folds };
  const input = (name: string, value: unknown) => writeFile(join(path, 'input', name), JSON.stringify(value));
  await input('params.json', { recipe: declaration.id, parameters });
  if (data === undefined) return;
  await input('data.json', {
    path: data.path,
    format: data.format,
    ...options,
    maxRows,
    maxBytes,
  } satisfies DataFile);
};
