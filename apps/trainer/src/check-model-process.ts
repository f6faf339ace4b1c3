import { readFile } from 'node:fs/promises';
import { openSession } from '#onnx/runtime';
import { messageOf, PlatformError } from '#runtime';
import { exampleInputs, loggedBeside, zeros, type LoggedBeside } from './outbound/recipes/check/sample-inputs.js';
import { wholeModel } from './outbound/recipes/check/whole-model.js';

/**
 * The process that loads a model file of an external recipe and runs it once: on its input example, or on a row of zeros when it has none.
 * Exit code 0: nothing speaks against serving it; else the last line on stderr says why not.
 */
const main = async (path: string, beside?: LoggedBeside): Promise<void> => {
  const bytes = beside === undefined ? await readFile(path) : await wholeModel(path);
  // Weights elsewhere are the registry's to find.
  if (bytes === undefined) return;
  const session = await openSession(bytes);
  try {
    const inputs =
      beside?.example === undefined
        ? zeros(session.inputs, beside?.columns)
        : exampleInputs(session.inputs, await exampleIn(beside.example));
    if (inputs !== undefined) await session.run(inputs).catch((error: unknown) => refuse(error, beside));
  } finally {
    await session.release();
  }
};

const refuse = (error: unknown, beside: LoggedBeside | undefined): never => {
  const told = error instanceof PlatformError ? error.detail : messageOf(error);
  if (beside === undefined) throw error;
  const tried =
    beside.example === undefined
      ? 'Tried was a row of zeros; log the model with a small input example if it needs other values or shapes.'
      : 'Tried was its input example.';
  throw new PlatformError('MODEL_FILE_INVALID', `${told} ${tried}`, error);
};

/** Undefined when it can't be read: then nothing follows from it. */
const exampleIn = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
};

try {
  const [, , path, beside] = process.argv as (string | undefined)[];
  await main(path ?? '', beside === undefined ? undefined : loggedBeside.parse(JSON.parse(beside)));
} catch (error) {
  const told = error instanceof PlatformError ? error.detail : messageOf(error);
  process.stderr.write(`${told.replace(/\s+/g, ' ')}\n`, () => process.exit(1));
}
