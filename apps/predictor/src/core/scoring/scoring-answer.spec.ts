import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '#contracts';
import type { Tensor } from '#onnx';
import { scoringShape } from './scoring-answer.js';

const label: Tensor = { name: 'label', datatype: 'BYTES', shape: [2], data: ['a', 'b'] };
const probabilities: Tensor = {
  name: 'probabilities',
  datatype: 'FP64',
  shape: [2, 2],
  data: new Float64Array([0.75, 0.25, 0.5, 0.5]),
};
const variable: Tensor = { name: 'variable', datatype: 'FP64', shape: [2, 1], data: new Float64Array([1.5, 2.5]) };
const columns = [{ name: 'x', type: 'double', required: true }];
const onnx = { loader: 'mlflow.onnx' };

const answer = (tensors: Tensor[], more: Partial<ModelSignature>, isFrame: boolean): unknown => {
  const { outputNames, predictions } = scoringShape(
    {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
      outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: [-1, ...shape.slice(1)] })),
      ...more,
    },
    isFrame,
  );
  return predictions(outputNames.map((name) => tensors.find((tensor) => tensor.name === name) ?? label));
};

/** Each as `mlflow models serve` 3.17 answers, but for the last of the onnx flavor, on which it fails. */
describe('predictions', () => {
  it.each<[string, Tensor[], Partial<ModelSignature>, boolean, unknown]>([
    [
      'labels of a learner',
      [label, probabilities],
      { columns, pyfunc: { loader: 'mlflow.sklearn' } },
      true,
      ['a', 'b'],
    ],
    ['labels where nothing is known', [label, probabilities], {}, false, ['a', 'b']],
    ['a number per row', [variable], { pyfunc: { loader: 'mlflow.sklearn' } }, true, [1.5, 2.5]],
    [
      'probabilities where these are the predictions',
      [label, probabilities],
      { pyfunc: { loader: 'mlflow.sklearn', predictFn: 'predict_proba' } },
      true,
      [
        [0.75, 0.25],
        [0.5, 0.5],
      ],
    ],
    [
      'tensors by their names, shaped as they are',
      [label, variable],
      { pyfunc: onnx },
      false,
      { label: ['a', 'b'], variable: [[1.5], [2.5]] },
    ],
    ['records for a frame', [variable], { columns, pyfunc: onnx }, false, [{ variable: 1.5 }, { variable: 2.5 }]],
    ['records for what was sent as one', [variable], { pyfunc: onnx }, true, [{ variable: 1.5 }, { variable: 2.5 }]],
    [
      'tensors where the signature is one of tensors',
      [variable],
      { pyfunc: { ...onnx, tensors: true } },
      true,
      { variable: [[1.5], [2.5]] },
    ],
    [
      'labels where a record could not hold the rest',
      [label, probabilities],
      { columns, pyfunc: onnx },
      true,
      ['a', 'b'],
    ],
  ])('are %s', (_, tensors, more, isFrame, expected) => {
    expect(answer(tensors, more, isFrame)).toEqual(expected);
  });
});
