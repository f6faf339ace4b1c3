import { writeSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, PlatformError } from '#runtime';
import type { RecipeProgress } from './core/recipe-runner.js';
import { runBuiltInRecipe } from './outbound/recipes/built-in-recipe.js';
import { dataFile, exitCodes, paramsFile, PROGRESS, type ResultFile } from './outbound/recipes/recipe-contract.js';

/** A line for each tree of a forest would be more than anybody reads. */
const LEAST_MS = 100;

/**
 * The process in which a built-in recipe runs: works in the current folder by the recipes' contract. SIGTERM ends it at
 * once, training or not, because nothing here listens for it.
 */
const main = async (): Promise<number> => {
  endWithParent();
  const folder = process.cwd();
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, 'input', name), 'utf8'));
  const tell = (result: ResultFile) => writeFile(join(folder, 'output', 'result.json'), JSON.stringify(result));
  try {
    const params = paramsFile.parse(await read('params.json'));
    const data = dataFile.parse(await read('data.json'));
    await tell(await runBuiltInRecipe(params, data, join(folder, 'output'), reporter()));
    return exitCodes.done;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    const told =
      error instanceof PlatformError
        ? error
        : new PlatformError('TRAINING_FAILED', `The recipe failed: ${messageOf(error)}`);
    await tell({ error: { code: told.code, detail: told.detail } });
    return exitCodeOf(told);
  }
};

const exitCodeOf = ({ code, traits }: PlatformError): number => {
  if (code === 'PARAMETER_INVALID' || code === 'RECIPE_UNKNOWN') return exitCodes.badParameters;
  if (code.startsWith('DATASET_')) return exitCodes.badData;
  return traits.retryable ? exitCodes.tryAgain : 1;
};

const parent = process.ppid;

/** The trainer holds the other end of stdin; it closes when the trainer ends, however it ends. */
const endWithParent = (): void => {
  process.stdin.resume();
  process.stdin.once('end', () => process.exit(1));
  process.stdin.once('error', () => process.exit(1));
};

const reporter = (): ((progress: RecipeProgress) => void) => {
  let last = 0;
  return (progress) => {
    // While a fit runs no event is heard, not even the end of stdin: an orphan is told by its parent's id.
    if (process.ppid !== parent) process.exit(1);
    const now = performance.now();
    if (progress.step !== undefined && progress.step !== progress.of && now - last < LEAST_MS) return;
    last = now;
    writeSync(1, `${PROGRESS}${JSON.stringify(progress)}\n`);
  };
};

process.exit(await main());
