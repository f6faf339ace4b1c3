import { join } from 'node:path';
import { errorCodes, type ErrorCode } from '#contracts';
import { PlatformError } from '#runtime';
import type { RecipeResult } from '../../core/recipe-runner.js';
import { exitCodes, resultFile } from './recipe-contract.js';
import { resultJson } from './result-json.js';
import type { Exit } from './sandbox/run-sandboxed.js';

/** A recipe that is over. */
export interface Ended extends Exit {
  /** Its work folder. */
  folder: string;
  lastError: string;
}

/** What a built-in recipe left. @throws PlatformError what it says went wrong, or what its end tells. */
export const builtInResult = async (ended: Ended): Promise<RecipeResult> => {
  const { json, fault = 'it says other things than a result' } = await resultJson(ended.folder);
  const told = resultFile.safeParse(json).data;
  if (told !== undefined && 'error' in told) throw new PlatformError(codeOf(told.error.code), told.error.detail);
  checkExit(ended);
  if (told === undefined) throw withoutResult(ended, fault);
  const output = join(ended.folder, 'output');
  return {
    ...told,
    files: Object.fromEntries(told.files.map((name) => [name, join(output, 'model', name)])),
    artifacts: Object.fromEntries(told.artifacts.map((name) => [name, join(output, name)])),
  };
};

/** @throws PlatformError unless it ended well. */
export const checkExit = ({ code, killedBy, lastError }: Ended): void => {
  const last = lastWords(lastError);
  // The same data would fill it again.
  if (killedBy !== null && /heap out of memory/.test(lastError))
    throw new PlatformError(
      'RECIPE_LIMIT_EXCEEDED',
      `The training process ran out of memory; give it smaller data or parameters.${last}`,
    );
  if (killedBy !== null)
    throw new PlatformError(
      'TRAINING_CRASHED',
      `The training process was ended by ${killedBy}, perhaps for want of memory.${last}`,
    );
  if (code !== exitCodes.done)
    throw new PlatformError(codeOfExit(code), `The recipe ended with exit code ${String(code)}.${last}`);
};

export const withoutResult = ({ lastError }: Ended, fault: string): PlatformError =>
  new PlatformError(
    'TRAINING_FAILED',
    `The recipe ended without a readable output/result.json: ${fault}.${lastWords(lastError)}`,
  );

const lastWords = (line: string): string => (line === '' ? '' : ` Its last words: ${line}`);

const codeOf = (code: string): ErrorCode => (Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'TRAINING_FAILED');

const codeOfExit = (code: number | null): ErrorCode =>
  code === exitCodes.badParameters
    ? 'PARAMETER_INVALID'
    : code === exitCodes.badData
      ? 'DATASET_INVALID'
      : 'TRAINING_FAILED';
