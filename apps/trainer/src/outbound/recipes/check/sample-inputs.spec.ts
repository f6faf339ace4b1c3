import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '#contracts';
import { exampleInputs, zeros } from './sample-inputs.js';

const spec = (datatype: TensorSpec['datatype'], shape: number[], name = 'x'): TensorSpec => ({ name, datatype, shape });
const table = spec('FP32', [-1, 2]);

describe('a row of zeros', () => {
  it('has 1 for what is free, and the columns of the signature for a table', () => {
    expect(zeros([spec('INT64', [-1, 3])])).toEqual([{ name: 'x', datatype: 'INT64', shape: [1, 3], data: new BigInt64Array(3) }]); // prettier-ignore
    expect(zeros([spec('FP32', [-1, -1])], 4)[0].shape).toEqual([1, 4]);
    expect(zeros([spec('FP32', [-1, -1, -1])], 4)[0].shape).toEqual([1, 1, 1]);
    expect(zeros([spec('BYTES', [-1, 1]), spec('FP32', [-1, -1], 'y')], 4).map(({ shape }) => shape)).toEqual([[1, 1], [1, 1]]); // prettier-ignore
    expect(zeros([spec('BYTES', [-1, 1])])[0].data).toEqual(['0']);
  });
});

describe('an input example', () => {
  it.each<[string, TensorSpec[], unknown, unknown[]]>([
    ['a tensor', [table], { inputs: [[1, 2], [3, 4]] }, [[1, 2, 3, 4]]], // prettier-ignore
    ['a tensor by its name', [table], { inputs: { x: [[1, null]] } }, [[1, NaN]]],
    ['a table for one tensor', [table], { dataframe_split: { columns: ['a', 'b'], data: [[1, 2]] } }, [[1, 2]]],
    [
      'a table for a tensor per column',
      [spec('FP32', [-1, 1], 'b'), spec('BYTES', [-1, 1], 'a')],
      { dataframe_split: { columns: ['a', 'b'], data: [['red', 2], [null, 4]] } }, // prettier-ignore
      [[2, 4], ['red', '']], // prettier-ignore
    ],
    ['whole numbers', [spec('INT64', [-1])], { inputs: [7, 8] }, [[7n, 8n]]],
  ])('is taken as %s', (_, specs, example, data) => {
    const tensors = exampleInputs(specs, example) ?? [];
    expect(tensors.map((tensor) => [...tensor.data])).toEqual(data);
    tensors.forEach(({ shape, data: { length } }) => {
      expect(shape.reduce((product, size) => product * size, 1)).toBe(length);
    });
  });

  it.each<[string, TensorSpec, unknown]>([
    ['of another width', table, { inputs: [[1, 2, 3]] }],
    ['of another rank', table, { inputs: [1, 2] }],
    ['with ragged rows', spec('FP32', [-1, -1]), { inputs: [[1, 2], [3]] }],
    ['of texts for numbers', table, { inputs: [['a', 'b']] }],
    ['of fractions for whole numbers', spec('INT32', [-1]), { inputs: [1.5] }],
    ['of half floats', spec('FP16', [-1]), { inputs: [1] }],
    ['in another form', table, { instances: [[1, 2]] }],
    ['that is none', table, undefined],
  ])('is left to predictors when it is one %s', (_, tensor, example) => {
    expect(exampleInputs([tensor], example)).toBeUndefined();
  });
});
