import type { ModelSignature, TensorSpec } from '#contracts';
import { elementCount, type Tensor } from '#onnx';
import type { LoadedModel } from './model-host.js';
import { allocate } from './tensor-elements.js';

/** One row that has the types and shapes the signature promises; free dimensions are 1. Text is "0": it can be cast to a number. */
export const warmUpInputs = ({ inputs, columns }: ModelSignature): Tensor[] =>
  inputs.map(({ name, datatype, shape }) => {
    const table = inputs.length === 1 && shape.length === 2 && shape[1] === -1;
    const fixed = shape.map((size, axis) => (size !== -1 ? size : table && axis === 1 ? (columns?.length ?? 1) : 1));
    const data = allocate(datatype, elementCount(fixed));
    return { name, datatype, shape: fixed, data: Array.isArray(data) ? data.map(() => '0') : data };
  });

/** What is wrong with the graph, measured by what the promotion promised; undefined when nothing is. */
export const graphFault = (
  promised: ModelSignature,
  found: Pick<LoadedModel, 'inputs' | 'outputs'>,
): string | undefined =>
  tensorFault('input', promised.inputs, found.inputs, sameOrFree) ??
  (promised.inputs.length === found.inputs.length
    ? undefined
    : `The file takes ${String(found.inputs.length)} inputs, the promotion promised ${String(promised.inputs.length)}.`) ??
  tensorFault('output', promised.outputs, found.outputs, sameOrFree);

/** What is wrong with what the warm-up answered; undefined when nothing is. */
export const answerFault = (promised: ModelSignature, answered: Tensor[]): string | undefined =>
  tensorFault('output', promised.outputs, answered, (size, is) => size === -1 || size === is);

/** `signatureOf` writes an output of unknown rank as one free dimension, so that one fits every shape. */
const isUnknown = (shape: readonly number[]): boolean => shape.length === 0 || (shape.length === 1 && shape[0] === -1);

type Fits = (promised: number, found: number) => boolean;

/** A graph may leave free what the promotion fixes, and the other way round: the warm-up shows whether it runs. */
const sameOrFree: Fits = (promised, found) => promised === found || promised === -1 || found === -1;

const tensorFault = (
  kind: 'input' | 'output',
  promised: readonly TensorSpec[],
  found: readonly { name: string; datatype: string; shape: number[] }[],
  fits: Fits,
): string | undefined => {
  for (const { name, datatype, shape } of promised) {
    const other = found.find((tensor) => tensor.name === name);
    if (other === undefined) return `The ${kind} "${name}" that was promised is not in the file.`;
    if (other.datatype !== datatype) return `The ${kind} "${name}" is ${other.datatype}, promised was ${datatype}.`;
    const same = shape.length === other.shape.length && shape.every((size, axis) => fits(size, other.shape[axis]));
    if (!same && !isUnknown(shape) && !isUnknown(other.shape))
      return `The ${kind} "${name}" has shape [${other.shape.join(', ')}], promised was [${shape.join(', ')}].`;
  }
  return undefined;
};
