import type { Datatype, TensorSpec } from '#contracts';
import { arrayOf, elementCount, type Tensor, type TensorData } from '#onnx';
import { PlatformError } from '#runtime';
import { readRaw, readText } from '../../core/raw-tensors.js';
import { allocate, elementOf, setElement } from '../../core/tensor-elements.js';
import type { Element, InferRequest, InputTensor, TypedContents } from './infer-request.js';

/**
 * The tensors of a request, checked against what the model takes.
 * @throws PlatformError INPUT_INVALID naming the input and, where it is one, the element
 */
export const tensorsOf = ({ inputs, raw }: InferRequest, specs: readonly TensorSpec[]): Tensor[] => {
  if (raw.length > 0) checkRaw(inputs, raw);
  for (const { name } of specs)
    if (!inputs.some((input) => input.name === name)) throw invalid(`Input "${name}" is missing.`);
  return inputs.map((input, index) => {
    const { name, shape } = input;
    const spec = specs.find((one) => one.name === name);
    if (spec === undefined)
      throw invalid(`Input "${name}" is unknown; the model takes ${specs.map((one) => `"${one.name}"`).join(', ')}.`);
    if (inputs.findIndex((other) => other.name === name) !== index) throw invalid(`Input "${name}" is given twice.`);
    const { datatype } = spec;
    if (input.datatype !== datatype)
      throw invalid(`Input "${name}" is ${input.datatype || 'of no type'}; the model takes ${datatype}.`);
    if (shape.length !== spec.shape.length)
      throw invalid(
        `Input "${name}" has ${String(shape.length)} dimensions; the model takes [${spec.shape.join(', ')}].`,
      );
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
      throw invalid(`Input "${name}" has shape [${shape.join(', ')}]; sizes are counted from 0.`);
    const data = raw.length > 0 ? readRaw({ name, datatype, shape }, raw[index]) : typedData(input, datatype);
    return { name, datatype, shape, data };
  });
};

/**
 * The names of the outputs that were asked for; undefined for all.
 * @throws PlatformError INPUT_INVALID when the answer is to go a way that there is not
 */
export const outputNamesOf = ({ outputs }: InferRequest): string[] | undefined => {
  for (const { name, parameters } of outputs) {
    refuseSharedMemory(parameters, `Output "${name}"`);
    if (parameters.includes('classification'))
      throw invalid(`Output "${name}" is asked for as a classification; ask for the tensor and rank it yourself.`);
  }
  return outputs.length === 0 ? undefined : [...new Set(outputs.map(({ name }) => name))];
};

const checkRaw = (inputs: readonly InputTensor[], raw: readonly Uint8Array[]): void => {
  const typed = inputs.find(({ contents }) => contents !== undefined && contents.size > 0);
  if (typed !== undefined)
    throw invalid(
      `Input "${typed.name}" has contents beside raw_input_contents; send all inputs in the one way or in the other.`,
    );
  if (raw.length !== inputs.length)
    throw invalid(
      `There are ${String(raw.length)} raw_input_contents for ${String(inputs.length)} inputs; each input needs one.`,
    );
};

/** The field of `InferTensorContents` for each type; FP16 has none. */
const fieldOf: Readonly<Record<Datatype, { number: number; name: string } | undefined>> = {
  BOOL: { number: 1, name: 'bool_contents' },
  INT8: { number: 2, name: 'int_contents' },
  INT16: { number: 2, name: 'int_contents' },
  INT32: { number: 2, name: 'int_contents' },
  INT64: { number: 3, name: 'int64_contents' },
  UINT8: { number: 4, name: 'uint_contents' },
  UINT16: { number: 4, name: 'uint_contents' },
  UINT32: { number: 4, name: 'uint_contents' },
  UINT64: { number: 5, name: 'uint64_contents' },
  FP32: { number: 6, name: 'fp32_contents' },
  FP64: { number: 7, name: 'fp64_contents' },
  BYTES: { number: 8, name: 'bytes_contents' },
  FP16: undefined,
};

const typedData = ({ name, shape, parameters, contents }: InputTensor, datatype: Datatype): TensorData => {
  refuseSharedMemory(parameters, `Input "${name}"`);
  const field = fieldOf[datatype];
  if (field === undefined) throw invalid(`Input "${name}" is ${datatype}, which travels in raw_input_contents only.`);
  const given: TypedContents = contents ?? new Map<number, Element[]>();
  const elements = given.get(field.number) ?? [];
  if (given.size > (elements.length > 0 ? 1 : 0))
    throw invalid(`Input "${name}" is ${datatype}; its elements belong into ${field.name}.`);
  const count = elementCount(shape);
  if (elements.length !== count)
    throw invalid(
      `Input "${name}" has ${String(elements.length)} values; shape [${shape.join(', ')}] needs ${String(count)}.`,
    );
  return dataOf(name, datatype, elements);
};

const dataOf = (name: string, datatype: Datatype, elements: readonly Element[]): TensorData => {
  if (datatype === 'BYTES') return elements.map((text) => readText(name, text as Uint8Array));
  if (datatype === 'FP32' || datatype === 'FP64') return arrayOf[datatype].from(elements as readonly number[]);
  const data = allocate(datatype, elements.length);
  elements.forEach((value, at) => {
    const made = elementOf(datatype, value);
    if ('fault' in made) throw invalid(`Input "${name}", value ${String(at)}, must be ${made.fault}.`);
    setElement(data, at, made.element);
  });
  return data;
};

const refuseSharedMemory = (parameters: readonly string[], whose: string): void => {
  if (parameters.some((key) => key.startsWith('shared_memory_')))
    throw invalid(`${whose} names shared memory, which this server does not use; send the data in the message.`);
};

const invalid = (detail: string): PlatformError => new PlatformError('INPUT_INVALID', detail);
