import { ML_DOMAIN, writeModel } from '#onnx';
import { isTexts, type Labels } from './labels.js';
import type { FittedModel } from './learner.js';

/** Names of what goes in and out of every classifier that is trained here. */
export const FEATURES = 'features';
export const LABEL = 'label';
export const PROBABILITIES = 'probabilities';

/**
 * An ONNX file of a classifier: what was learnt, and the label as the class of the greatest probability. Not by TreeEnsembleClassifier or
 * LinearClassifier: given two classes, onnxruntime labels those by the sign of a score.
 */
export const assembleClassifier = (
  model: FittedModel,
  name: string,
  featureCount: number,
  classes: Labels,
): Uint8Array => {
  const { nodes, initializers, scores } = model.graph(FEATURES);
  return writeModel({
    name,
    inputs: [{ name: FEATURES, datatype: 'FP32', shape: [-1, featureCount] }],
    outputs: [
      { name: LABEL, datatype: isTexts(classes) ? 'BYTES' : 'INT64', shape: [-1] },
      { name: PROBABILITIES, datatype: 'FP32', shape: [-1, classes.length] },
    ],
    initializers,
    nodes: [
      ...nodes,
      { op: 'Identity', inputs: [scores], outputs: [PROBABILITIES] },
      {
        op: 'ArgMax',
        inputs: [scores],
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
};
