import { createRequire } from 'node:module';
import { PlatformError } from '#runtime';
import type { RecipeOutput } from './recipe-output.js';
import { runSandboxed, type SandboxedCommand } from './sandbox/run-sandboxed.js';

const CHECK_MS = 120_000;

/**
 * Loads a model file that a foreign program wrote, in a process of its own: a file that brings the runtime down must not
 * bring the trainer down.
 * @throws PlatformError MODEL_FILE_INVALID saying what is wrong with it.
 */
export const checkModel = async (
  path: string,
  recipe: SandboxedCommand,
  output: RecipeOutput,
  signal: AbortSignal,
): Promise<void> => {
  const process_ = createRequire(import.meta.url).resolve('#trainer/check-model');
  const { code, killedBy } = await runSandboxed(
    {
      ...recipe,
      argv: [process.execPath, process_, path],
      environment: {},
      guarded: false,
      limits: { ...recipe.limits, timeoutMs: CHECK_MS },
    },
    output,
    signal,
  );
  if (code === 0) return;
  throw new PlatformError(
    'MODEL_FILE_INVALID',
    killedBy === null
      ? output.lastError
      : `The model file that the recipe left ends the process that loads it (${killedBy}).`,
  );
};
