import type { TensorSpec } from '#contracts';
import { PlatformError } from '#runtime';
import { arrayOf, elementCount, type Tensor } from './tensor.js';

/**
 * Checks what is given against what the model declares, because onnxruntime ignores extra inputs silently and its own sentences name
 * neither the input nor the remedy.
 * @returns the inputs in the order declared.
 * @throws PlatformError INPUT_INVALID naming the tensor.
 */
export const checkInputs = (inputs: readonly Tensor[], declared: readonly TensorSpec[]): readonly Tensor[] => {
  // Nearly every request names the inputs as declared: then nothing can be missing, unknown or given twice.
  const inOrder = inputs.length === declared.length && declared.every(({ name }, at) => inputs[at].name === name);
  const ordered = inOrder ? inputs : inDeclaredOrder(inputs, declared);
  for (let at = 0; at < ordered.length; at += 1) checkTensor(ordered[at], declared[at]);
  return ordered;
};

/** @throws PlatformError INPUT_INVALID when an output is asked for that the model has not. */
export const checkOutputNames = (names: readonly string[], declared: readonly TensorSpec[]): void => {
  const unknown = names.find((name) => declared.every((spec) => spec.name !== name));
  if (unknown !== undefined)
    throw new PlatformError('INPUT_INVALID', `Output "${unknown}" is unknown; the model has ${listed(declared)}.`);
};

const inDeclaredOrder = (inputs: readonly Tensor[], declared: readonly TensorSpec[]): Tensor[] => {
  const given = new Map<string, Tensor>();
  for (const tensor of inputs) {
    if (declared.every(({ name }) => name !== tensor.name))
      throw refused(tensor.name, `is unknown; the model takes ${listed(declared)}`);
    if (given.has(tensor.name)) throw refused(tensor.name, 'is given twice');
    given.set(tensor.name, tensor);
  }
  return declared.map(({ name }) => {
    const tensor = given.get(name);
    if (tensor === undefined) throw refused(name, 'is missing');
    return tensor;
  });
};

const checkTensor = ({ name, datatype, shape, data }: Tensor, spec: TensorSpec): void => {
  if (datatype !== spec.datatype) throw refused(name, `is ${datatype}; the model takes ${spec.datatype}`);
  const array = arrayOf[datatype];
  const held = array === null ? Array.isArray(data) : data instanceof array;
  if (!held) throw refused(name, `holds its ${datatype} data in the wrong kind of array`);
  if (!fits(shape, spec.shape))
    throw refused(name, `has shape [${shape.join(',')}]; the model takes [${spec.shape.join(',')}]`);
  if (data.length !== elementCount(shape))
    throw refused(name, `has ${String(data.length)} values for shape [${shape.join(',')}]`);
  if (Array.isArray(data) && data.some((text) => text.includes('\0')))
    throw refused(name, 'holds a NUL character, at which the runtime would cut the text');
};

const fits = (shape: readonly number[], declared: readonly number[]): boolean => {
  if (shape.length !== declared.length) return false;
  for (let axis = 0; axis < shape.length; axis += 1) {
    const size = shape[axis];
    if (!Number.isSafeInteger(size) || size < 0 || (declared[axis] !== -1 && declared[axis] !== size)) return false;
  }
  return true;
};

const listed = (specs: readonly TensorSpec[]): string => specs.map(({ name }) => `"${name}"`).join(', ');

const refused = (name: string, what: string): PlatformError =>
  new PlatformError('INPUT_INVALID', `Input "${name}" ${what}.`);
