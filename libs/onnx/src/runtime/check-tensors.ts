import type { TensorSpec } from '#contracts';
import { PlatformError } from '#runtime';
import { arrayOf, elementCount, type Tensor } from '../tensor.js';

/**
 * Checks what is given against what the model declares, because onnxruntime ignores extra inputs silently and its own sentences name
 * neither the input nor the remedy.
 * @throws PlatformError INPUT_INVALID naming the tensor.
 */
export const checkInputs = (inputs: readonly Tensor[], declared: readonly TensorSpec[]): void => {
  for (const tensor of inputs) {
    const spec = declared.find(({ name }) => name === tensor.name);
    if (spec === undefined) throw refused(tensor.name, `is unknown; the model takes ${listed(declared)}`);
    checkTensor(tensor, spec);
  }
  const names = inputs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused(twice, 'is given twice');
  const missing = declared.find(({ name }) => !names.includes(name));
  if (missing !== undefined) throw refused(missing.name, 'is missing');
};

/** @throws PlatformError INPUT_INVALID when an output is asked for that the model has not. */
export const checkOutputNames = (names: readonly string[], declared: readonly TensorSpec[]): void => {
  const unknown = names.find((name) => declared.every((spec) => spec.name !== name));
  if (unknown !== undefined)
    throw new PlatformError('INPUT_INVALID', `Output "${unknown}" is unknown; the model has ${listed(declared)}.`);
};

const checkTensor = ({ name, datatype, shape, data }: Tensor, spec: TensorSpec): void => {
  if (datatype !== spec.datatype) throw refused(name, `is ${datatype}; the model takes ${spec.datatype}`);
  const array = arrayOf[datatype];
  const held = array === null ? Array.isArray(data) : data instanceof array;
  if (!held) throw refused(name, `holds its ${datatype} data in the wrong kind of array`);
  const fits =
    shape.length === spec.shape.length &&
    shape.every((size, axis) => Number.isSafeInteger(size) && size >= 0 && [-1, size].includes(spec.shape[axis]));
  if (!fits) throw refused(name, `has shape [${shape.join(',')}]; the model takes [${spec.shape.join(',')}]`);
  if (data.length !== elementCount(shape))
    throw refused(name, `has ${String(data.length)} values for shape [${shape.join(',')}]`);
  if (Array.isArray(data) && data.some((text) => text.includes('\0')))
    throw refused(name, 'holds a NUL character, at which the runtime would cut the text');
};

const listed = (specs: readonly TensorSpec[]): string => specs.map(({ name }) => `"${name}"`).join(', ');

const refused = (name: string, what: string): PlatformError =>
  new PlatformError('INPUT_INVALID', `Input "${name}" ${what}.`);
