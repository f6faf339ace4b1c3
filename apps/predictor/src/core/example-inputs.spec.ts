import { expect, it } from 'vitest';
import type { ModelPromoted } from '#contracts';
import { exampleInputs } from './example-inputs.js';
import { SwapRig } from './swap-rig.behaviour.js';

const promoted = async (inputExample?: Record<string, unknown>): Promise<ModelPromoted> => ({
  ...(await new SwapRig().promotionOf(1)),
  signature: {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    columns: ['b', 'a'].map((name) => ({ name, type: 'double', required: false })),
  },
  ...(inputExample && { inputExample }),
});

it.each<[string, Record<string, unknown> | undefined, number[] | undefined]>([
  ['a frame, by its columns', { dataframe_split: { columns: ['a', 'b'], data: [[1, 2], [3, null]] } }, [2, 1, NaN, 3]], // prettier-ignore
  ['an array', { inputs: [[1, 2]] }, [1, 2]],
  ['none', undefined, undefined],
  ['one that the graph does not take', { inputs: [['red', 'green']] }, undefined],
  ['no example at all', { something: 1 }, undefined],
])('makes tensors of %s', async (_, example, expected) => {
  const inputs = exampleInputs(await promoted(example));
  expect(inputs && [...(inputs[0].data as Float32Array)]).toEqual(expected);
});

it('leaves an example of two rows to graphs that take them', async () => {
  const two = await promoted({ inputs: [[1, 2], [3, 4]] }); // prettier-ignore
  expect(exampleInputs(two)?.[0].shape).toEqual([2, 2]);
  const [input] = two.signature.inputs;
  const fixed = { ...two.signature, inputs: [{ ...input, shape: [1, 2] }] };
  expect(exampleInputs({ ...two, signature: fixed })).toBeUndefined();
});
