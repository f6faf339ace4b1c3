import type { TensorSpec } from '#contracts';
import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { joinRows, rowsOf } from './join-rows.js';
import type { HostedModel, Lane, Proof } from './model-host.js';
import { copyOf, sameBits, sampleRows } from './sample-rows.js';

/** Different rows that are run alone and together. */
const SAMPLES = 8;

/** Sizes at which kernels change their ways: below, at and beyond the widths of vectors and blocks. */
const SIZES = [2, 3, 4, 5, 7, 8, 13, 16, 31, 32, 64, 127, 256, 1024];

/**
 * A slow model must not wait for its proof longer than people wait for a swap. Counted is what the runs took, the quickest row being the
 * measure: on busy cores everything takes longer, and a swap under load must not cost the batches.
 */
const BUDGET_MS = 250;

export interface BatchTrial {
  readonly model: Pick<HostedModel, 'inputs' | 'outputs' | 'isRowWise'>;
  readonly lane: Lane;
  /** Inputs that the model answers, one row or more. */
  readonly example: () => Tensor[];
  readonly outputNames: readonly string[];
  readonly maxRows: number;
}

/**
 * How many rows may be run together: as many as were tried, if every answer was equal, bit for bit, to that of its row alone; else 1.
 * Tried are models whose inputs and outputs all have a free first dimension, and whose operators keep rows apart: a trial alone would
 * not see what rows have to do with each other only at values that it does not have.
 */
export const proveBatches = async ({ model, lane, example, outputNames, maxRows }: BatchTrial): Promise<Proof> => {
  const alone: { inputs: Tensor[]; outputs: Tensor[] }[] = [];
  let batchMs = 0;
  const none = (): Proof => ({ rows: 1, batchMs, example });
  const free = model.isRowWise && [...model.inputs, ...model.outputs].every(hasFreeRows);
  const rows = free ? sampleRows(example(), SAMPLES) : [example()];
  let rowMs = Infinity;
  for (const inputs of rows) {
    const answer = await answered(lane, inputs.map(copyOf), outputNames);
    if (answer === undefined) continue;
    batchMs = rowMs = Math.min(rowMs, answer.tookMs);
    alone.push({ inputs, outputs: answer.outputs });
    if (rowMs * alone.length > BUDGET_MS) break;
  }
  if (!free || alone.length === 0) return none();
  if (!alone.every(({ outputs }) => outputs.every(({ shape }) => shape[0] === 1))) return none();
  let [proven, left] = [1, BUDGET_MS];
  for (const size of sizesUpTo(maxRows)) {
    // What comes is foretold by what was: a size that would not end in time is not begun.
    left -= Math.min(batchMs, rowMs * proven);
    if ((batchMs / proven) * size > left) break;
    const batch = Array.from({ length: size }, (_, row) => alone[row % alone.length]);
    const answer = await answered(lane, joinRows(batch.map(({ inputs }) => inputs)), outputNames);
    if (answer === undefined || !answer.outputs.every(({ shape }) => shape[0] === size)) return none();
    const isEqual = batch.every(({ outputs }, row) =>
      outputs.every((output, at) => sameBits(output, rowsOf(answer.outputs[at], row, 1))),
    );
    if (!isEqual) return none();
    [proven, batchMs] = [size, answer.tookMs];
  }
  // On busy cores one run may take many times what it needs; the quickest row bounds it.
  return { rows: proven, batchMs: Math.min(batchMs, rowMs * proven), example };
};

const hasFreeRows = ({ shape }: TensorSpec): boolean => shape[0] === -1;

const sizesUpTo = (maxRows: number): number[] => [
  ...SIZES.filter((size) => size < maxRows),
  ...(maxRows > 1 ? [maxRows] : []),
];

/** Undefined when the model does not take these inputs. */
const answered = async (
  lane: Lane,
  inputs: Tensor[],
  outputNames: readonly string[],
): Promise<{ outputs: Tensor[]; tookMs: number } | undefined> => {
  try {
    return await lane.run(inputs, outputNames);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'INPUT_INVALID') return undefined;
    throw error;
  }
};
