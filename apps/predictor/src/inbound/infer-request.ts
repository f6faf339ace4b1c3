import type { TensorSpec } from '#contracts';
import { elementCount, type Tensor } from '#onnx';
import { elementBytes, readRaw } from '../core/raw-tensors.js';
import {
  broken,
  checkShape,
  fieldsOf,
  flag,
  invalid,
  isShape,
  listed,
  parametersOf,
  type Fields,
} from './infer-fields.js';
import { jsonBody } from './json-body.js';
import { readJsonTensor } from './json-tensor.js';

/** An output that was asked for, and whether its elements go in binary behind the JSON. */
export interface WantedOutput {
  spec: TensorSpec;
  binary: boolean;
}

export interface InferRequest {
  id: string | undefined;
  inputs: Tensor[];
  outputs: WantedOutput[];
}

/** The tensors of the model that a request is meant for. */
export interface ModelTensors {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * Reads the body of `POST …/infer`: JSON, and behind it the inputs that are sent in binary, one after the other. Checked by hand
 * instead of by a schema, because this is done for every request: a schema library costs more than all the rest of it.
 * @param jsonLength what `Inference-Header-Content-Length` says; undefined: all is JSON.
 * @throws PlatformError INPUT_INVALID naming what is wrong.
 */
export const readInferRequest = (body: unknown, jsonLength: number | undefined, model: ModelTensors): InferRequest => {
  if (jsonLength === 0) return rawRequest(body, model);
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  if (jsonLength !== undefined && jsonLength > bytes.length)
    throw invalid(
      `Inference-Header-Content-Length is ${String(jsonLength)}, and the whole body has ${String(bytes.length)} bytes.`,
    );
  const json = jsonLength === undefined ? body : bytes.subarray(0, jsonLength);
  const request = fieldsOf(jsonBody(json, model.inputs.some(isLong)), 'body');
  const { id } = request;
  if (id !== undefined && typeof id !== 'string') throw broken('"id" must be a string');
  const outputs = readOutputs(request, model);
  const parts = jsonLength === undefined ? undefined : new BinaryParts(bytes.subarray(jsonLength));
  const inputs = readInputs(request.inputs, model, parts);
  if (parts !== undefined && parts.left > 0)
    throw invalid(`${String(parts.left)} bytes are left behind the last binary input.`);
  return { id, inputs, outputs };
};

/** Of these, numbers may be longer than JavaScript's. */
const isLong = ({ datatype }: TensorSpec): boolean => datatype === 'INT64' || datatype === 'UINT64';

/** What lies behind the JSON, given out in order. */
class BinaryParts {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(size: number, name: string): Uint8Array {
    if (size > this.left)
      throw invalid(`Input "${name}" has ${String(size)} bytes in binary; only ${String(this.left)} were sent.`);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

const readInputs = (given: unknown, model: ModelTensors, parts: BinaryParts | undefined): Tensor[] => {
  if (!Array.isArray(given) || given.length === 0) throw broken('"inputs" must be a list of at least one tensor');
  const tensors: Tensor[] = [];
  for (const one of given) {
    const tensor = readInput(fieldsOf(one, 'input'), model.inputs, parts);
    if (tensors.some(({ name }) => name === tensor.name)) throw invalid(`Input "${tensor.name}" is given twice.`);
    tensors.push(tensor);
  }
  const missing = model.inputs.find(({ name }) => tensors.every((tensor) => tensor.name !== name));
  if (missing !== undefined) throw invalid(`Input "${missing.name}" is missing.`);
  return tensors;
};

const readInput = (input: Fields, specs: readonly TensorSpec[], parts: BinaryParts | undefined): Tensor => {
  const { name, shape, data } = input;
  if (typeof name !== 'string') throw broken('the "name" of an input must be a string');
  const spec = specs.find((one) => one.name === name);
  if (spec === undefined) throw invalid(`Input "${name}" is unknown; the model takes ${listed(specs)}.`);
  const { datatype } = spec;
  if (input.datatype !== datatype)
    throw invalid(
      typeof input.datatype === 'string'
        ? `Input "${name}" is ${input.datatype}; the model takes ${datatype}.`
        : `Input "${name}" needs its "datatype"; the model takes ${datatype}.`,
    );
  if (!isShape(shape)) throw invalid(`The "shape" of input "${name}" must be a list of whole numbers from 0 on.`);
  checkShape(name, shape, spec.shape);
  const tensor = { name, datatype, shape };
  const binarySize = binarySizeOf(input, name);
  if (binarySize !== undefined) {
    if (data !== undefined) throw invalid(`Input "${name}" has both "data" and "binary_data_size"; send one of them.`);
    if (parts === undefined)
      throw invalid(
        `Input "${name}" is said to be in binary, but there is no header Inference-Header-Content-Length that tells where the JSON ends.`,
      );
    return { ...tensor, data: readRaw(tensor, parts.take(binarySize, name)) };
  }
  if (!Array.isArray(data))
    throw invalid(
      data === undefined ? `Input "${name}" has no "data".` : `The "data" of input "${name}" must be a list.`,
    );
  return { ...tensor, data: readJsonTensor(tensor, data) };
};

const binarySizeOf = (input: Fields, name: string): number | undefined => {
  const parameters = parametersOf(input);
  if (parameters === undefined) return undefined;
  if (parameters.shared_memory_region !== undefined)
    throw invalid(`Input "${name}" lies in shared memory, which this server does not read; send its data.`);
  const size = parameters.binary_data_size;
  if (size === undefined) return undefined;
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw invalid(`"binary_data_size" of input "${name}" must be a number of bytes.`);
};

/** All outputs when none are named. What an output says of binary data wins over what the request says. */
const readOutputs = (request: Fields, { outputs: specs }: ModelTensors): WantedOutput[] => {
  const allBinary = flag(parametersOf(request), 'binary_data_output') ?? false;
  const { outputs } = request;
  if (outputs !== undefined && !Array.isArray(outputs)) throw broken('"outputs" must be a list');
  const wanted =
    outputs === undefined || outputs.length === 0
      ? specs.map((spec) => ({ spec, binary: allBinary }))
      : outputs.map((one) => readOutput(fieldsOf(one, 'output'), specs, allBinary));
  const half = wanted.find(({ spec, binary }) => spec.datatype === 'FP16' && !binary);
  if (half !== undefined)
    throw invalid(
      `Output "${half.spec.name}" is FP16, which has no JSON form; ask for it with the parameter "binary_data": true.`,
    );
  const seen = new Set<TensorSpec>();
  return wanted.filter(({ spec }) => seen.size !== seen.add(spec).size);
};

const readOutput = (output: Fields, specs: readonly TensorSpec[], allBinary: boolean): WantedOutput => {
  const { name } = output;
  if (typeof name !== 'string') throw broken('the "name" of an output must be a string');
  const spec = specs.find((one) => one.name === name);
  if (spec === undefined) throw invalid(`Output "${name}" is unknown; the model has ${listed(specs)}.`);
  const parameters = parametersOf(output);
  if (parameters?.classification !== undefined || parameters?.shared_memory_region !== undefined)
    throw invalid(`Output "${name}" is asked for as classes or in shared memory; this server answers tensors.`);
  return { spec, binary: flag(parameters, 'binary_data') ?? allBinary };
};

/**
 * Triton's raw binary request, a JSON length of 0: the body is the one input of the model, and its one free dimension at most
 * follows from the length.
 */
const rawRequest = (body: unknown, { inputs, outputs }: ModelTensors): InferRequest => {
  const [spec] = inputs;
  const free = spec.shape.filter((size) => size === -1).length;
  if (inputs.length !== 1 || free > 1 || !(body instanceof Uint8Array))
    throw invalid('A body without JSON is taken for models of one input with one free dimension at most.');
  const fixed = elementCount(spec.shape.filter((size) => size !== -1));
  const size = elementBytes(spec.datatype);
  const elements = size === undefined ? 1 : body.length / size;
  if (free === 1 && (fixed === 0 || !Number.isInteger(elements / fixed)))
    throw invalid(
      `Input "${spec.name}" has ${String(body.length)} bytes, which is no whole number of rows of ${spec.datatype}.`,
    );
  const shape = spec.shape.map((size) => (size === -1 ? elements / fixed : size));
  const tensor = { name: spec.name, datatype: spec.datatype, shape };
  const binary = outputs.map((output) => ({ spec: output, binary: true }));
  return { id: undefined, inputs: [{ ...tensor, data: readRaw(tensor, body) }], outputs: binary };
};

/** `Inference-Header-Content-Length`. @throws PlatformError INPUT_INVALID when it is no number of bytes. */
export const jsonLengthOf = (header: string | string[] | undefined): number | undefined => {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalid('Inference-Header-Content-Length must be the number of bytes of the JSON in front of the binary data.');
};
