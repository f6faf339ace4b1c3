import { ML_DOMAIN, type GraphNode } from '#onnx';
import type { GraphPart } from '../learner.js';
import { scaleRows, type Scaling } from './standardise.js';

/** Scores are `scaled row · weights + intercepts`, one for each output; float32, as the exported graph has them. */
export interface LinearScores {
  scaling: Scaling;
  /** Feature after feature, features × outputs. */
  weights: Float32Array;
  /** Kept as the sum of two float32 each: a mean far from 0 takes more digits than one holds. */
  intercepts: Float64Array;
}

/** What float32 leaves of the intercepts. */
const restsOf = (intercepts: Float64Array): Float32Array =>
  Float32Array.from(intercepts, (intercept) => intercept - Math.fround(intercept));

/** Row after row, an output for each intercept. */
export const linearScores = ({ scaling, weights, intercepts }: LinearScores, rows: Float32Array): Float64Array => {
  const scaled = scaleRows(rows, scaling);
  const featureCount = scaling.offset.length;
  const outputs = intercepts.length;
  const rests = restsOf(intercepts);
  const scores = new Float64Array((rows.length / featureCount) * outputs);
  for (let place = 0; place < scores.length; place++) {
    const output = place % outputs;
    const start = Math.floor(place / outputs) * featureCount;
    let score = Math.fround(intercepts[output]) + rests[output];
    for (let feature = 0; feature < featureCount; feature++)
      score += scaled[start + feature] * weights[feature * outputs + output];
    scores[place] = Math.fround(score);
  }
  return scores;
};

/**
 * Scaler → Gemm: the standardisation travels in the graph, clients send plain features. Missing values become 0 behind the Scaler, where the
 * mean has become 0; not only where rows to train on missed some, as others may. Sums are made in float64: large terms that cancel out would
 * leave nothing but their rounding in float32.
 */
export const linearGraph = ({ scaling, weights, intercepts }: LinearScores, features: string): GraphPart => {
  const { offset, scale } = scaling;
  const scaler: GraphNode = {
    op: 'Scaler',
    domain: ML_DOMAIN,
    inputs: [features],
    outputs: ['scaled'],
    attributes: { offset: { floats: offset }, scale: { floats: scale } },
  };
  const imputer: GraphNode = {
    op: 'Imputer',
    domain: ML_DOMAIN,
    inputs: ['scaled'],
    outputs: ['imputed'],
    attributes: {
      imputed_value_floats: { floats: new Float32Array(offset.length) },
      replaced_value_float: { float: NaN },
    },
  };
  const exactly: GraphNode[] = [
    cast('imputed', 'rows_64', FLOAT64),
    cast('weights', 'weights_64', FLOAT64),
    cast('intercepts', 'intercepts_near', FLOAT64),
    cast('rests', 'rests_64', FLOAT64),
    { op: 'Add', inputs: ['intercepts_near', 'rests_64'], outputs: ['intercepts_64'] },
    { op: 'Gemm', inputs: ['rows_64', 'weights_64', 'intercepts_64'], outputs: ['linear_64'] },
    cast('linear_64', 'linear', FLOAT32),
  ];
  return {
    nodes: [scaler, imputer, ...exactly],
    initializers: [
      { name: 'weights', shape: [offset.length, intercepts.length], data: weights },
      { name: 'intercepts', shape: [intercepts.length], data: Float32Array.from(intercepts) },
      { name: 'rests', shape: [intercepts.length], data: restsOf(intercepts) },
    ],
    scores: 'linear',
  };
};

/** `TensorProto.DataType` of onnx.proto. */
const FLOAT32 = 1;
const FLOAT64 = 11;

const cast = (from: string, to: string, type: number): GraphNode => ({
  op: 'Cast',
  inputs: [from],
  outputs: [to],
  attributes: { to: { int: type } },
});

/** How much each feature counts: the size of its weights, which stand for features of one spread. */
export const linearImportances = ({ weights, intercepts }: LinearScores): Float64Array => {
  const outputs = intercepts.length;
  const sizes = Float64Array.from({ length: weights.length / outputs }, (_, feature) =>
    weights.subarray(feature * outputs, (feature + 1) * outputs).reduce((sum, weight) => sum + Math.abs(weight), 0),
  );
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return all > 0 ? sizes.map((size) => size / all) : sizes;
};
