import type { TensorSpec } from '#contracts';
import { PlatformError } from '#runtime';

/** Single fields of an inference request, read by hand; each fault is a sentence. */
export type Fields = Record<string, unknown>;

/** @throws PlatformError INPUT_INVALID when it is no object. */
export const fieldsOf = (value: unknown, what: string): Fields => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw broken(`the ${what} must be an object`);
};

/** The parameters of a request, an input or an output: strings, numbers and booleans. @throws PlatformError INPUT_INVALID */
export const parametersOf = (fields: Fields): Fields | undefined => {
  if (fields.parameters === undefined) return undefined;
  const parameters = fieldsOf(fields.parameters, 'value of "parameters"');
  for (const name of Object.keys(parameters))
    if (!['string', 'number', 'boolean', 'bigint'].includes(typeof parameters[name]))
      throw broken(`parameter "${name}" must be a string, a number or a boolean`);
  return parameters;
};

/** A parameter that is true or false. @throws PlatformError INPUT_INVALID */
export const flag = (parameters: Fields | undefined, name: string): boolean | undefined => {
  const value = parameters?.[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw broken(`parameter "${name}" must be true or false`);
};

export const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);

/** @throws PlatformError INPUT_INVALID when a shape is not one that the model takes. */
export const checkShape = (name: string, shape: readonly number[], declared: readonly number[]): void => {
  if (shape.length === declared.length && shape.every((size, axis) => declared[axis] === -1 || declared[axis] === size))
    return;
  throw invalid(`Input "${name}" has shape [${shape.join(',')}]; the model takes [${declared.join(',')}].`);
};

export const listed = (specs: readonly TensorSpec[]): string => specs.map(({ name }) => `"${name}"`).join(', ');

export const invalid = (detail: string): PlatformError => new PlatformError('INPUT_INVALID', detail);

export const broken = (what: string): PlatformError =>
  invalid(
    `The inference request is broken: ${what}. It looks like {"inputs": [{"name": "…", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}.`,
  );
