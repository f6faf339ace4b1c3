import { z } from 'zod';
import { sentence, type TensorSpec } from '#contracts';
import { elementCount, type Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { flatValues } from '../core/decode-outputs.js';
import { allocate, elementOf, setElement } from '../core/tensor-elements.js';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.bigint()])).optional();

const inferRequest = z.object({
  id: z.string().optional(),
  parameters,
  inputs: z
    .array(
      z.object({
        name: z.string(),
        datatype: z.string(),
        shape: z.array(z.int().min(0)),
        parameters,
        data: z.array(z.unknown()).optional(),
      }),
    )
    .min(1),
  outputs: z.array(z.object({ name: z.string(), parameters })).optional(),
});

export type InferRequest = z.infer<typeof inferRequest>;

/** @throws PlatformError INPUT_INVALID naming each broken field. */
export const readInferRequest = (body: unknown): InferRequest => {
  const parsed = inferRequest.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(
    `The inference request is broken: ${sentence(parsed.error)}. It looks like {"inputs": [{"name": "…", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}.`,
  );
};

/** The names of the outputs that were asked for; undefined for all. */
export const outputNamesOf = ({ outputs }: InferRequest): string[] | undefined =>
  outputs === undefined || outputs.length === 0 ? undefined : [...new Set(outputs.map(({ name }) => name))];

/**
 * The tensors of a request, checked against what the model takes; data may be nested or flat, row-major.
 * @throws PlatformError INPUT_INVALID naming the input and the element.
 */
export const tensorsOf = (request: InferRequest, specs: readonly TensorSpec[]): Tensor[] =>
  request.inputs.map((input) => {
    const { name, shape, data } = input;
    const spec = specs.find((one) => one.name === name);
    if (spec === undefined)
      throw invalid(`Input "${name}" is unknown; the model takes ${specs.map((one) => `"${one.name}"`).join(', ')}.`);
    if (input.datatype !== spec.datatype)
      throw invalid(`Input "${name}" is ${input.datatype}; the model takes ${spec.datatype}.`);
    if (data === undefined)
      throw invalid(`Input "${name}" has no data; this server takes tensors in JSON, not in binary or shared memory.`);
    const count = elementCount(shape);
    const flat: unknown[] = [];
    flatten(data, shape, flat, name, 0);
    if (flat.length !== count)
      throw invalid(
        `Input "${name}" has ${String(flat.length)} values; shape [${shape.join(', ')}] needs ${String(count)}.`,
      );
    const elements = allocate(spec.datatype, count);
    flat.forEach((value, at) => {
      const made = elementOf(spec.datatype, value);
      if ('fault' in made) throw invalid(`Input "${name}", element ${placeOf(at, shape)}, must be ${made.fault}.`);
      setElement(elements, at, made.element);
    });
    return { name, datatype: spec.datatype, shape, data: elements };
  });

/** One output as the protocol writes it. */
export const outputOf = (tensor: Tensor): object => {
  if (tensor.datatype === 'FP16') throw invalid(`Output "${tensor.name}" is FP16, which has no JSON form.`);
  return { name: tensor.name, datatype: tensor.datatype, shape: tensor.shape, data: flatValues(tensor) };
};

/** Nested lists must be nested as the shape says; a flat list is taken as it is. */
const flatten = (data: unknown[], shape: number[], into: unknown[], name: string, axis: number): void => {
  const nested = data.some((value) => Array.isArray(value));
  if (axis > 0 || nested) {
    if (data.length !== shape[axis])
      throw invalid(
        `Input "${name}" has ${String(data.length)} values where axis ${String(axis)} of its shape has ${String(shape[axis])}.`,
      );
  }
  for (const value of data) {
    if (!Array.isArray(value)) {
      if (nested || (axis > 0 && axis < shape.length - 1))
        throw invalid(`Input "${name}" is nested in some places and not in others.`);
      into.push(value);
    } else if (axis + 1 < shape.length) flatten(value, shape, into, name, axis + 1);
    else throw invalid(`Input "${name}" is nested deeper than its shape [${shape.join(', ')}].`);
  }
};

const placeOf = (at: number, shape: number[]): string => {
  let rest = at;
  const place = shape.map((_, axis) => {
    const below = elementCount(shape.slice(axis + 1));
    const index = Math.floor(rest / below);
    rest -= index * below;
    return index;
  });
  return `[${place.join(', ')}]`;
};

const invalid = (detail: string): PlatformError => new PlatformError('INPUT_INVALID', detail);
