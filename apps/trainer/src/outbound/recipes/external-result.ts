import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import type { ExternalRecipe } from '../../core/recipe-declaration.js';
import type { RecipeResult } from '../../core/recipe-runner.js';
import { openPlainFile } from '../plain-file.js';
import { modelSignature } from './recipe-contract.js';
import { checkExit, withoutResult, type Ended } from './recipe-result.js';
import { resultJson } from './result-json.js';

/** A path below `output/`. */
const below = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'must be a path below output/');

/** `output/result.json` of an external recipe. Everything may be left out but the model of one that does not log it itself. */
const written = z.strictObject({
  model: below.optional(),
  metrics: z.record(z.string().min(1).max(250), z.number()).default({}),
  facts: z.record(z.string().min(1).max(250), z.string()).default({}),
  artifacts: z.array(below).max(1000).default([]),
  input_example: below.optional(),
  signature: modelSignature.optional(),
});
/** Codes that a recipe may end with; none of them lets a request wait for ever. */
const error = z.strictObject({
  error: z.strictObject({
    code: z
      .enum([
        'PARAMETER_INVALID',
        'DATASET_INVALID',
        'DATASET_TOO_SMALL',
        'EXPORT_DISAGREES',
        'MODEL_FILE_INVALID',
        'TRAINING_FAILED',
      ]) // prettier-ignore
      .catch('TRAINING_FAILED'),
    detail: z.string().min(1),
  }),
});

/** What an external recipe left. @throws PlatformError what it says went wrong, what its end tells, or what its result lacks. */
export const externalResult = async (ended: Ended, model: ExternalRecipe['model']): Promise<RecipeResult> => {
  const { json, fault } = await resultJson(ended.folder);
  const failed = error.safeParse(json).data;
  if (failed !== undefined) throw new PlatformError(failed.error.code, failed.error.detail.slice(0, 2000));
  checkExit(ended);
  if (fault !== undefined) {
    if (model !== 'logged') throw withoutResult(ended, fault);
    return { metrics: {}, facts: {}, files: {} };
  }
  const told = written.safeParse(json);
  if (!told.success) throw refused(told.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')); // prettier-ignore
  const { model: file, input_example: example, artifacts, ...rest } = told.data;
  if (file === undefined && model !== 'logged') throw refused('it names no model');
  const find = (path: string) => fileBelow(ended.folder, path);
  return {
    ...rest,
    files: {
      ...(file !== undefined && model !== 'logged' && { 'model.onnx': await find(file) }),
      ...(example !== undefined && { 'input_example.json': await find(example) }),
    },
    artifacts: Object.fromEntries(await Promise.all(artifacts.map(async (path) => [path, await find(path)] as const))),
  };
};

/** A link may lead anywhere, and `output` be one: what it leads to must lie below, too. */
const fileBelow = async (folder: string, path: string): Promise<string> => {
  const real = await realpath(join(folder, 'output', path)).catch(() => undefined);
  if (real === undefined) throw refused(`there is no file output/${path}`);
  const root = join(await realpath(folder), 'output') + sep;
  if (!real.startsWith(root)) throw refused(`output/${path} leads out of output/`);
  const found = await openPlainFile(real);
  if (found === undefined) throw refused(`output/${path} is no file that can be read`);
  await found.file.close();
  return real;
};

const refused = (why: string): PlatformError =>
  new PlatformError('TRAINING_FAILED', `The recipe's output/result.json can't be taken: ${why}.`);
