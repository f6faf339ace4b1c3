import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '#contracts';
import { signatureChange } from './signature-changes.js';

const columns = [
  { name: 'a', type: 'double', required: true },
  { name: 'b', type: 'long', required: true },
];
const tensors: ModelSignature = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
  ],
};
const tabular: ModelSignature = { ...tensors, columns };
const renamed: ModelSignature = {
  inputs: [{ ...tensors.inputs[0], name: 'X' }],
  outputs: tensors.outputs.map((output, at) => ({ ...output, name: `o${String(at)}` })),
};
const [a, b] = columns;

const table: [string, ModelSignature, ModelSignature, RegExp | undefined][] = [
  ['nothing', tabular, tabular, undefined],
  ['names of tensors, with columns', tabular, { ...renamed, columns }, undefined],
  ['names of tensors, without columns', tensors, renamed, undefined],
  ['the shape of the input, with columns', tabular, { ...tabular, inputs: [{ ...tensors.inputs[0], shape: [-1, -1] }] }, undefined], // prettier-ignore
  ['a column that is gone', tabular, { ...tabular, columns: [a] }, /"b" is gone/],
  ['a column that is new', tabular, { ...tabular, columns: [...columns, { ...b, name: 'c', required: false }] }, /"c" is new/], // prettier-ignore
  ['the order of columns', tabular, { ...tabular, columns: [b, a] }, /column 1 is "b" instead of "a"/],
  ['the type of a column', tabular, { ...tabular, columns: [{ ...a, type: 'string' }, b] }, /"a" is string/],
  [
    'a column that is optional now',
    tabular,
    { ...tabular, columns: [a, { ...b, required: false }] },
    /"b" is no longer/,
  ],
  ['columns that are not named any more', tabular, tensors, /names no columns/],
  ['columns that are named now', tensors, tabular, undefined],
  ['the same column twice', tabular, { ...tabular, columns: [a, b, b] }, /others/],
  ['an output less', tabular, { ...tabular, outputs: [tensors.outputs[0]] }, /1 outputs instead of 2/],
  ['the datatype of the input', tensors, { ...tensors, inputs: [{ ...tensors.inputs[0], datatype: 'FP64' }] }, /input 1 is FP64/], // prettier-ignore
  ['the shape of the input', tensors, { ...tensors, inputs: [{ ...tensors.inputs[0], shape: [-1, 3] }] }, /input 1 is FP32 \[-1, 3\]/], // prettier-ignore
  ['the shape of an output', tensors, { ...tensors, outputs: [tensors.outputs[0], { ...tensors.outputs[1], shape: [-1, 4] }] }, /output 2/], // prettier-ignore
];

describe('a change of signature', () => {
  it.each(table)('%s', (_, before, after, change) => {
    if (change === undefined) expect(signatureChange(before, after)).toBeUndefined();
    else expect(signatureChange(before, after)).toMatch(change);
  });
});
