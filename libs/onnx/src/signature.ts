import type { ModelSignature, TensorSpec } from '#contracts';
import { PlatformError } from '#runtime';
import type { OnnxModelSummary } from './read-model.js';
import type { OnnxValue } from './value-info.js';

/**
 * The tensors that go in and out of a model, as the Open Inference Protocol tells them. An output whose rank the file does not tell is
 * given as one free dimension, for there is no way to write "unknown"; an input of unknown rank can't be laid out and is refused.
 * @throws PlatformError MODEL_FILE_INVALID when an input or output is not a tensor that can be carried, or there are no inputs.
 */
export const signatureOf = (summary: OnnxModelSummary): ModelSignature => {
  if (summary.inputs.length === 0) throw refused('The model has no inputs, so it can answer one thing only');
  return {
    inputs: summary.inputs.map((value) => {
      const spec = specOf('input', value);
      if (spec.shape === null)
        throw refused(`Input "${spec.name}" tells no shape; export the model with one, with a free first dimension`);
      return { ...spec, shape: spec.shape };
    }),
    outputs: summary.outputs.map((value) => {
      const spec = specOf('output', value);
      return { ...spec, shape: spec.shape ?? [-1] };
    }),
  };
};

const specOf = (side: string, value: OnnxValue): Omit<TensorSpec, 'shape'> & { shape: number[] | null } => {
  if (value.kind === 'other')
    throw refused(
      `The ${side} "${value.name}" is ${value.what}, not a tensor that can be served` +
        (value.what.includes('ZipMap') ? '; export with the option zipmap=False' : ''),
    );
  return { name: value.name, datatype: value.datatype, shape: value.shape };
};

const refused = (sentence: string): PlatformError => new PlatformError('MODEL_FILE_INVALID', `${sentence}.`);
