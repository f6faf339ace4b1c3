import { readFile } from 'node:fs/promises';
import type { TensorSpec } from '#contracts';
import { arrayOf, elementCount, type Tensor } from '#onnx';
import { openSession } from '#onnx/runtime';
import { messageOf, PlatformError } from '#runtime';

/**
 * The process that loads a model file of an external recipe and runs it once, on a row of zeros. Exit code 0: it can be
 * served; else the last line on stderr says why not.
 */
const main = async (path: string): Promise<void> => {
  const session = await openSession(await readFile(path));
  try {
    await session.run(session.inputs.map(zeros));
  } finally {
    await session.release();
  }
};

/** Free dimensions are 1. Text is "0": it can be cast to a number. */
const zeros = ({ name, datatype, shape }: TensorSpec): Tensor => {
  const fixed = shape.map((size) => (size === -1 ? 1 : size));
  const make = arrayOf[datatype];
  const count = elementCount(fixed);
  return { name, datatype, shape: fixed, data: make === null ? Array<string>(count).fill('0') : new make(count) };
};

try {
  await main(process.argv[2]);
} catch (error) {
  const told = error instanceof PlatformError ? error.detail : messageOf(error);
  process.stderr.write(`${told.replace(/\s+/g, ' ')}\n`, () => process.exit(1));
}
