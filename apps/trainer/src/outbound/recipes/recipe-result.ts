import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodes, type ErrorCode } from '#contracts';
import { PlatformError, readJsonText } from '#runtime';
import type { RecipeResult } from '../../core/recipe-runner.js';
import { exitCodes, resultFile } from './recipe-contract.js';
import type { Exit } from './sandbox/run-sandboxed.js';

/** A recipe that is over. */
export interface Ended extends Exit {
  /** Its work folder. */
  folder: string;
  lastError: string;
}

/** What a built-in recipe left. @throws PlatformError what it says went wrong, or what its end tells. */
export const builtInResult = async (ended: Ended): Promise<RecipeResult> => {
  const told = resultFile.safeParse(await resultJson(ended.folder)).data;
  if (told !== undefined && 'error' in told) throw new PlatformError(codeOf(told.error.code), told.error.detail);
  checkExit(ended);
  if (told === undefined) throw withoutResult(ended);
  const output = join(ended.folder, 'output');
  return {
    ...told,
    files: Object.fromEntries(told.files.map((name) => [name, join(output, 'model', name)])),
    artifacts: Object.fromEntries(told.artifacts.map((name) => [name, join(output, name)])),
  };
};

/** Undefined when there is none that is JSON. */
export const resultJson = async (folder: string): Promise<unknown> => {
  try {
    return readJsonText(await readFile(join(folder, 'output', 'result.json'), 'utf8'));
  } catch {
    return undefined;
  }
};

/** @throws PlatformError unless it ended well. */
export const checkExit = ({ code, killedBy, lastError }: Ended): void => {
  const last = lastWords(lastError);
  if (killedBy !== null)
    throw new PlatformError(
      'TRAINING_CRASHED',
      `The training process was ended by ${killedBy}, perhaps for want of memory.${last}`,
    );
  if (code !== exitCodes.done)
    throw new PlatformError(codeOfExit(code), `The recipe ended with exit code ${String(code)}.${last}`);
};

export const withoutResult = ({ lastError }: Ended): PlatformError =>
  new PlatformError(
    'TRAINING_FAILED',
    `The recipe ended without a readable output/result.json.${lastWords(lastError)}`,
  );

const lastWords = (line: string): string => (line === '' ? '' : ` Its last words: ${line}`);

const codeOf = (code: string): ErrorCode => (Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'TRAINING_FAILED');

const codeOfExit = (code: number | null): ErrorCode =>
  code === exitCodes.badParameters
    ? 'PARAMETER_INVALID'
    : code === exitCodes.badData
      ? 'DATASET_INVALID'
      : 'TRAINING_FAILED';
