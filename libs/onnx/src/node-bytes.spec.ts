import { expect, it } from 'vitest';
import { nodeBytesOf } from './node-bytes.js';
import { writeModel } from './write-model.js';

const file = (weights: number, attributes: number): Uint8Array =>
  writeModel({
    name: 'some of both',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    initializers: [{ name: 'w', shape: [weights], data: new Float32Array(weights).fill(1) }],
    nodes: [
      {
        op: 'Anything',
        inputs: ['x', 'w'],
        outputs: ['y'],
        attributes: { values: { floats: Array.from({ length: attributes }, () => 1) } },
      },
    ],
  });

it('counts what lies in attributes, and no weights', () => {
  const [none, weights, attributes] = [file(0, 0), file(50_000, 0), file(0, 50_000)].map(nodeBytesOf);
  expect(weights).toBe(none);
  expect(attributes).toBeGreaterThan(200_000);
  expect(attributes).toBeLessThanOrEqual(file(0, 50_000).length);
});

it('takes all of a file that is none for the costly kind', () => {
  expect(nodeBytesOf(file(10, 10).subarray(0, 60))).toBe(60);
  expect(nodeBytesOf(new Uint8Array([0xff, 0xff]))).toBe(2);
  expect(nodeBytesOf(new Uint8Array())).toBe(0);
});
