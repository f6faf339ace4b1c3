import type { ModelPromoted } from '#contracts';
import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { compileScoring } from './scoring/encode-scoring.js';
import { readScoring } from './scoring/scoring-input.js';

/**
 * The rows that the model was logged with, as its tensors: a warm-up with values that mean something goes through the branches
 * that requests will go through. Undefined when there is no example, or none that this graph takes.
 */
export const exampleInputs = ({ inputExample, signature }: ModelPromoted): Tensor[] | undefined => {
  if (inputExample === undefined) return undefined;
  try {
    const tensors = compileScoring(signature)(readScoring(inputExample).input);
    return tensors.every(({ shape }, at) => fits(signature.inputs[at].shape, shape)) ? tensors : undefined;
  } catch (error) {
    // The example may be of the Python model before its conversion: then its rows are not the graph's.
    if (error instanceof PlatformError && error.code === 'INPUT_INVALID') return undefined;
    throw error;
  }
};

/** A graph for so many rows and no others takes no example of another number. */
const fits = (promised: readonly number[], shape: readonly number[]): boolean =>
  promised.length === shape.length && promised.every((size, at) => size === -1 || size === shape[at]);
