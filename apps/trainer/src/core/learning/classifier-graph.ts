import { ML_DOMAIN, writeModel, type GraphNode, type Initializer } from '#onnx';
import { isTexts, type Labels } from './labels.js';

/** Names of what goes in and out of every classifier that is trained here. */
export const FEATURES = 'features';
export const LABEL = 'label';
export const PROBABILITIES = 'probabilities';

/** What computes `probabilities` from `features`. */
export interface ClassifierBody {
  name: string;
  nodes: readonly GraphNode[];
  initializers?: readonly Initializer[];
}

/**
 * An ONNX file of a classifier: the body, and the label as the class of the greatest probability. Not by TreeEnsembleClassifier or
 * LinearClassifier: given two classes, onnxruntime labels those by the sign of a score.
 */
export const classifierGraph = (
  { name, nodes, initializers = [] }: ClassifierBody,
  featureCount: number,
  classes: Labels,
): Uint8Array =>
  writeModel({
    name,
    inputs: [{ name: FEATURES, datatype: 'FP32', shape: [-1, featureCount] }],
    outputs: [
      { name: LABEL, datatype: isTexts(classes) ? 'BYTES' : 'INT64', shape: [-1] },
      { name: PROBABILITIES, datatype: 'FP32', shape: [-1, classes.length] },
    ],
    initializers,
    nodes: [
      ...nodes,
      {
        op: 'ArgMax',
        inputs: [PROBABILITIES],
        outputs: ['class_id'],
        attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
      },
      {
        op: 'LabelEncoder',
        domain: ML_DOMAIN,
        inputs: ['class_id'],
        outputs: [LABEL],
        attributes: {
          keys_int64s: { ints: classes.map((_, id) => id) },
          ...(isTexts(classes) ? { values_strings: { strings: classes } } : { values_int64s: { ints: classes } }),
        },
      },
    ],
  });
