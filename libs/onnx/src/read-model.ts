import { PlatformError } from '#runtime';
import { limits as standardLimits, type Limits } from './limits.js';
import { whyUnreadable } from './no-model.js';
import { eachField } from './proto-message.js';
import { readValueInfo, type OnnxValue } from './value-info.js';

/** What a file says about itself, read without making a session of it. */
export interface OnnxModelSummary {
  irVersion: number;
  producer: string;
  /** Operator sets by domain; ONNX's own is the empty name. */
  opsets: Record<string, number>;
  /** What the caller gives: initializers that the graph lists among its inputs are not. */
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  /** Operators over all graphs and functions. */
  nodeCount: number;
  /** Some weights are in files beside this one, so the bytes alone are not the model. */
  externalData: boolean;
}

interface Findings {
  summary: OnnxModelSummary;
  initializers: Set<string>;
  hasGraph: boolean;
  limits: Limits;
}

/**
 * Reads an ONNX file: names, types and limits, none of the weights. Runs before a session is made, as a hostile or broken
 * file must not reach native code unseen.
 * @throws PlatformError MODEL_FILE_INVALID naming what is wrong.
 */
export const readModel = (bytes: Uint8Array, limits: Limits = standardLimits): OnnxModelSummary => {
  if (bytes.byteLength === 0) throw invalid('it is empty');
  if (bytes.byteLength > limits.sizeBytes)
    throw invalid(`it has ${String(bytes.byteLength)} bytes, more than ${String(limits.sizeBytes)}`);
  const { summary, initializers, hasGraph } = parse(bytes, limits);
  if (!hasGraph) throw invalid('it holds no graph, so it is something else or cut off');
  if (summary.irVersion < 1) throw invalid('it has no IR version');
  summary.inputs = summary.inputs.filter(({ name }) => !initializers.has(name));
  for (const [side, values] of [
    ['input', summary.inputs],
    ['output', summary.outputs],
  ] as const) {
    if (values.length > limits.values) throw invalid(`it has more than ${String(limits.values)} ${side}s`);
    const twice = values.find(({ name }, index) => values.findIndex((other) => other.name === name) !== index);
    if (twice !== undefined) throw invalid(`it has two ${side}s named "${twice.name}"`);
  }
  if (summary.outputs.length === 0) throw invalid('its graph has no outputs');
  return summary;
};

const invalid = (what: string, cause?: unknown): PlatformError =>
  new PlatformError('MODEL_FILE_INVALID', `The ONNX file can't be used: ${what}.`, cause);

const parse = (bytes: Uint8Array, limits: Limits): Findings => {
  const summary: OnnxModelSummary = {
    irVersion: 0,
    producer: '',
    opsets: {},
    inputs: [],
    outputs: [],
    nodeCount: 0,
    externalData: false,
  };
  const found: Findings = { summary, initializers: new Set(), hasGraph: false, limits };
  try {
    eachField(bytes, [1, 2, 7, 8, 25], (field) => {
      if (field.number === 1) found.summary.irVersion = field.integer();
      else if (field.number === 2) found.summary.producer = field.text();
      else if (field.number === 7) {
        found.hasGraph = true;
        readGraph(field.bytes(), found, 0);
      } else if (field.number === 8) readOpset(field.bytes(), found);
      else if (field.number === 25) readFunction(field.bytes(), found);
    });
  } catch (error) {
    throw invalid(whyUnreadable(error), error);
  }
  return found;
};

const readOpset = (bytes: Uint8Array, found: Findings): void => {
  let domain = '';
  let version = 0;
  eachField(bytes, [1, 2], (field) => {
    if (field.number === 1) domain = field.text();
    else if (field.number === 2) version = field.integer();
  });
  found.summary.opsets[domain === 'ai.onnx' ? '' : domain] = version;
};

/** Inputs, outputs and initializers count at depth 0 only; inside the body of a loop they are the loop's affair. */
const readGraph = (bytes: Uint8Array, found: Findings, depth: number): void => {
  if (depth > found.limits.nesting)
    throw new RangeError(`its graphs are nested deeper than ${String(found.limits.nesting)}`);
  eachField(bytes, [1, 5, 11, 12, 15], (field) => {
    if (field.number === 1) readNode(field.bytes(), found, depth);
    else if (field.number === 5) {
      const name = readTensor(field.bytes(), found);
      if (depth === 0) found.initializers.add(name);
    } else if (field.number === 15) {
      const name = readSparseTensor(field.bytes(), found);
      if (depth === 0) found.initializers.add(name);
    } else if (depth === 0 && (field.number === 11 || field.number === 12)) {
      const values = field.number === 11 ? found.summary.inputs : found.summary.outputs;
      values.push(readValueInfo(field.bytes(), found.limits));
    }
  });
};

const readFunction = (bytes: Uint8Array, found: Findings): void => {
  eachField(bytes, [7], (field) => {
    readNode(field.bytes(), found, 0);
  });
};

const readNode = (bytes: Uint8Array, found: Findings, depth: number): void => {
  found.summary.nodeCount++;
  if (found.summary.nodeCount > found.limits.nodes)
    throw new RangeError(`it has more than ${String(found.limits.nodes)} operators`);
  eachField(bytes, [5], (field) => {
    readAttribute(field.bytes(), found, depth);
  });
};

/** Attributes matter for the graphs and the tensors in them: `g`, `graphs`, `t`, `tensors` and the sparse two. */
const readAttribute = (bytes: Uint8Array, found: Findings, depth: number): void => {
  eachField(bytes, [5, 6, 10, 11, 22, 23], (field) => {
    if (field.number === 6 || field.number === 11) readGraph(field.bytes(), found, depth + 1);
    else if (field.number === 5 || field.number === 10) readTensor(field.bytes(), found);
    else readSparseTensor(field.bytes(), found);
  });
};

/** The tensor's name; notes whether its values lie in another file. */
const readTensor = (bytes: Uint8Array, found: Findings): string => {
  let name = '';
  eachField(bytes, [8, 13, 14], (field) => {
    if (field.number === 8) name = field.text();
    else if (field.number === 13) found.summary.externalData = true;
    else if (field.integer() === 1) found.summary.externalData = true;
  });
  return name;
};

const readSparseTensor = (bytes: Uint8Array, found: Findings): string => {
  let name = '';
  eachField(bytes, [1, 2], (field) => {
    if (field.number === 1) name = readTensor(field.bytes(), found);
    else readTensor(field.bytes(), found);
  });
  return name;
};
