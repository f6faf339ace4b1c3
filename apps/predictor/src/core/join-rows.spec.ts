import { expect, it } from 'vitest';
import type { Tensor } from '#onnx';
import { haveRows, joinable, joinRows, rowsOf } from './join-rows.js';

const tensor = (shape: number[], name = 'x'): Tensor => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { name, datatype: 'FP32', shape, data: Float32Array.from({ length }, (_, at) => at) };
};

it.each<[string, number[][], number, boolean]>([
  ['one output with as many rows', [[2, 3]], 2, true],
  ['all outputs with as many rows', [[2, 3], [2]], 2, true],
  ['fewer rows', [[1, 3]], 2, false],
  ['more rows', [[3, 3]], 2, false],
  ['one of the outputs with other rows', [[2], [1, 3]], 2, false],
  ['the first of the outputs with other rows', [[1, 3], [2]], 2, false],
  ['no rows at all', [[]], 2, false],
])('whose answers they are is known of %s: %s', (_, shapes, rows, known) => {
  expect(
    haveRows(
      shapes.map((shape) => tensor(shape)),
      rows,
    ),
  ).toBe(known);
});

it.each<[number[][], number[][], boolean]>([
  [[[1, 4]], [[7, 4]], true],
  [[[1, 4]], [[1, 5]], false],
  [[[1, 4]], [[1, 4, 1]], false],
  [[[1, 4], [1]], [[2, 4], [2]], true],
  [
    [
      [1, 4],
      [1, 2],
    ],
    [
      [2, 4],
      [2, 3],
    ],
    false,
  ],
])('%j and %j may be run together: %s', (one, other, may) => {
  const [a, b] = [one, other].map((shapes) => shapes.map((shape) => tensor(shape)));
  expect(joinable(a, b)).toBe(may);
});

it('puts rows below each other and takes them apart again', () => {
  const [first, second] = [tensor([2, 2]), tensor([1, 2])];
  const [joined] = joinRows([[first], [second]]);
  expect(joined).toEqual({ name: 'x', datatype: 'FP32', shape: [3, 2], data: Float32Array.of(0, 1, 2, 3, 0, 1) });
  expect(rowsOf(joined, 0, 2)).toEqual(first);
  expect(rowsOf(joined, 2, 1)).toEqual(second);
  const texts = (data: string[]): Tensor => ({ name: 't', datatype: 'BYTES', shape: [data.length], data });
  expect(joinRows([[texts(['a'])], [texts(['b', 'c'])]])).toEqual([texts(['a', 'b', 'c'])]);
});
