import { ML_DOMAIN } from '#onnx';
import { classifierGraph, FEATURES, PROBABILITIES } from './classifier-graph.js';
import type { Labels } from './labels.js';
import type { Scaling } from './standardise.js';

/** Scores are `scaled row · weights + intercepts`, one for each class; float32, as the exported graph has them. */
export interface LinearScores {
  scaling: Scaling;
  /** Feature after feature, `featureCount` × `classCount`. */
  weights: Float32Array;
  intercepts: Float32Array;
}

/** Scaler → Gemm → Softmax: the standardisation travels in the graph, clients send plain features. */
export const logisticRegressionGraph = (
  { scaling, weights, intercepts }: LinearScores,
  featureCount: number,
  classes: Labels,
): Uint8Array =>
  classifierGraph(
    {
      name: 'logistic-regression',
      initializers: [
        { name: 'weights', shape: [featureCount, classes.length], data: weights },
        { name: 'intercepts', shape: [classes.length], data: intercepts },
      ],
      nodes: [
        {
          op: 'Scaler',
          domain: ML_DOMAIN,
          inputs: [FEATURES],
          outputs: ['scaled'],
          attributes: { offset: { floats: scaling.offset }, scale: { floats: scaling.scale } },
        },
        { op: 'Gemm', inputs: ['scaled', 'weights', 'intercepts'], outputs: ['scores'] },
        { op: 'Softmax', inputs: ['scores'], outputs: [PROBABILITIES], attributes: { axis: { int: 1 } } },
      ],
    },
    featureCount,
    classes,
  );
