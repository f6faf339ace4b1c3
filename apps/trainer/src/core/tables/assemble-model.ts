import type { TensorSpec } from '#contracts';
import { ML_DOMAIN, writeModel, type GraphNode } from '#onnx';
import { isTexts, type Labels } from './classes.js';
import type { FittedModel } from '../learning/learner.js';
import { encoderGraph } from './encoder-graph.js';
import type { Encoder } from './encoder.js';
import { invalidData } from './invalid-data.js';

/** Names of what goes in and out of every model that is trained here. */
export const FEATURES = 'features';
export const LABEL = 'label';
export const PROBABILITIES = 'probabilities';
export const PREDICTION = 'prediction';

export interface ModelParts {
  name: string;
  encoder: Encoder;
  model: FittedModel;
  /** Of a classifier. */
  classes: Labels;
}

/**
 * One ONNX file of encoder and fitted model. Columns of numbers alone come in as one tensor `features`; with categories among them each
 * column is a [-1, 1] tensor of its own name. A classifier's label is the class of the greatest probability, by ArgMax: given two classes,
 * onnxruntime's own classifiers label by the sign of a score.
 * @throws PlatformError DATASET_INVALID when a column has the name of an output.
 */
export const assembleModel = ({ name, encoder, model, classes }: ModelParts): Uint8Array => {
  const scores = model.kind === 'classifier' ? PROBABILITIES : PREDICTION;
  const outputs: TensorSpec[] =
    model.kind === 'classifier'
      ? [
          { name: LABEL, datatype: isTexts(classes) ? 'BYTES' : 'INT64', shape: [-1] },
          { name: PROBABILITIES, datatype: 'FP32', shape: [-1, classes.length] },
        ]
      : [{ name: PREDICTION, datatype: 'FP32', shape: [-1, 1] }];
  const inputs = inputsOf(encoder);
  const taken = encoder.isNumeric
    ? undefined
    : inputs.find((input) => outputs.some((output) => output.name === input.name));
  if (taken !== undefined)
    throw invalidData(
      `The column "${taken.name}" has the name of an output of the model; rename it, or leave it out (dataset.drop).`,
    );
  const own = ownPrefix(inputs.map((input) => input.name));
  const features = encoder.isNumeric ? FEATURES : `${own}features`;
  const front = encoder.isNumeric ? { nodes: [], initializers: [] } : encoderGraph(encoder, features, own);
  const part = model.graph(features);
  const renamed = renamer(own, { [features]: features, [part.scores]: scores });
  return writeModel({
    name,
    inputs,
    outputs,
    initializers: [...front.initializers, ...part.initializers.map((each) => ({ ...each, name: renamed(each.name) }))],
    nodes: [
      ...front.nodes,
      ...part.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      })),
      ...(model.kind === 'classifier' ? labelNodes(classes, `${own}class`) : []),
    ],
  });
};

/** What the graph takes. */
export const inputsOf = ({ isNumeric, encodings }: Encoder): TensorSpec[] =>
  isNumeric
    ? [{ name: FEATURES, datatype: 'FP32', shape: [-1, encodings.length] }]
    : encodings.map(({ name, kind }) => ({ name, datatype: kind === 'number' ? 'FP32' : 'BYTES', shape: [-1, 1] }));

/** What no column's name begins with: names within the graph must not meet those of its inputs. */
const ownPrefix = (names: readonly string[]): string => {
  let prefix = 'baton:';
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
};

/** An omitted input is called nothing, and stays so. */
const renamer =
  (own: string, fixed: Readonly<Record<string, string>>) =>
  (name: string): string =>
    name === '' ? '' : Object.hasOwn(fixed, name) ? fixed[name] : `${own}learner:${name}`;

const labelNodes = (classes: Labels, id: string): GraphNode[] => [
  {
    op: 'ArgMax',
    inputs: [PROBABILITIES],
    outputs: [id],
    attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
  },
  {
    op: 'LabelEncoder',
    domain: ML_DOMAIN,
    inputs: [id],
    outputs: [LABEL],
    attributes: {
      keys_int64s: { ints: classes.map((_, id) => id) },
      ...(isTexts(classes) ? { values_strings: { strings: classes } } : { values_int64s: { ints: classes } }),
    },
  },
];
