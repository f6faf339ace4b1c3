import { createRequire } from 'node:module';
import { PlatformError } from '#runtime';
import type { RecipeOutput } from '../recipe-output.js';
import { runSandboxed, type SandboxedCommand } from '../sandbox/run-sandboxed.js';
import type { LoggedBeside } from './sample-inputs.js';

const CHECK_MS = 120_000;
/** The runtime takes its part, however little the recipe itself may have. */
const LEAST_MEMORY_BYTES = 1024 ** 3;
/** What a load takes at its peak, against the size of the file; a predictor reckons so, too. */
const PEAK_PER_BYTE = 4;

/** A model file, and for one that was logged what lies beside it. */
export interface CheckedFile {
  path: string;
  /** What it weighs, with all that lies beside it. */
  sizeBytes: number;
  beside?: LoggedBeside;
}

/**
 * Loads a model file that a foreign program wrote, in a process of its own: a file that brings the runtime down must not
 * bring the trainer down.
 * @throws PlatformError MODEL_FILE_INVALID saying what is wrong with it.
 */
export const checkModel = async (
  { path, sizeBytes, beside }: CheckedFile,
  recipe: Omit<SandboxedCommand, 'argv' | 'environment' | 'guarded'>,
  output: RecipeOutput,
  signal: AbortSignal,
): Promise<void> => {
  const process_ = createRequire(import.meta.url).resolve('#trainer/check-model');
  const { memoryBytes } = recipe.limits;
  const check = {
    ...recipe,
    argv: [process.execPath, process_, path, ...(beside === undefined ? [] : [JSON.stringify(beside)])],
    environment: {},
    guarded: false,
    limits: {
      ...recipe.limits,
      memoryBytes: Math.max(memoryBytes, LEAST_MEMORY_BYTES) + PEAK_PER_BYTE * sizeBytes,
      timeoutMs: CHECK_MS,
    },
  };
  const { code, killedBy } = await runSandboxed(check, output, signal).catch((error: unknown) => {
    if (!(error instanceof PlatformError) || error.code !== 'TRAINING_TIMED_OUT') throw error;
    throw new PlatformError('MODEL_FILE_INVALID', `The model file that the recipe left takes longer than ${String(CHECK_MS)} ms to answer a single row.`); // prettier-ignore
  });
  if (code === 0) return;
  throw new PlatformError(
    'MODEL_FILE_INVALID',
    killedBy === null
      ? output.lastError
      : `The model file that the recipe left ends the process that loads it (${killedBy}).`,
  );
};
