import { describe, expect, it } from 'vitest';
import type { ModelSignature, TensorSpec } from '#contracts';
import { data, refusal } from './encode-scoring.behaviour.js';

const outputs: TensorSpec[] = [{ name: 'label', datatype: 'INT64', shape: [-1] }];
const plain: ModelSignature = { inputs: [{ name: 'X', datatype: 'FP64', shape: [-1, 2] }], outputs };
const perColumn: ModelSignature = {
  inputs: [
    { name: 'age', datatype: 'INT64', shape: [-1, 1] },
    { name: 'city', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'smoker', datatype: 'BOOL', shape: [-1] },
  ],
  outputs,
};
const texts: ModelSignature = { inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }], outputs };
const images: ModelSignature = { inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, 2, 2] }], outputs };
const half: ModelSignature = { inputs: [{ name: 'x', datatype: 'FP16', shape: [-1, 2] }], outputs };

describe('other models', () => {
  it('a text that is not required may be missing, another may not', () => {
    const columns = [
      { name: 'age', type: 'long', required: true },
      { name: 'city', type: 'string', required: false },
      { name: 'smoker', type: 'boolean', required: true },
    ];
    const frame = {
      dataframe_records: [
        { age: 1, city: null, smoker: true },
        { age: 2, smoker: false },
      ],
    };
    expect(data({ ...perColumn, columns }, frame)[1]).toEqual(['', '']);
    expect(refusal(perColumn, frame)).toMatch(/"city"/);
  });

  it('a table without names goes by order, whatever the columns are called', () => {
    for (const body of [
      {
        inputs: [
          [1, 2],
          [3, 4],
        ],
      },
      {
        inputs: {
          X: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      {
        dataframe_split: {
          columns: ['p', 'q'],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      {
        dataframe_records: [
          { p: 1, q: 2 },
          { p: 3, q: 4 },
        ],
      },
    ])
      expect(data(plain, body)).toEqual([[1, 2, 3, 4]]);
    expect(refusal(plain, { dataframe_split: { columns: ['p'], data: [[1]] } })).toContain('takes 2 columns, not 1');
    expect(refusal(plain, { inputs: [[1, 2, 3]] })).toContain('Row 0 has 3 values; the model takes 2');
  });

  it('a table of free width takes what comes, if it is one width', () => {
    const free: ModelSignature = { ...plain, inputs: [{ name: 'X', datatype: 'FP64', shape: [-1, -1] }] };
    expect(
      data(free, {
        inputs: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ).toEqual([[1, 2, 3, 4, 5, 6]]);
    expect(
      refusal(free, {
        inputs: [
          [1, 2, 3],
          [4, 5],
        ],
      }),
    ).toContain('Row 1 has 2 values');
  });

  it('a tensor per column', () => {
    const expected = [
      [41n, 7n],
      ['Rome', 'Oslo'],
      [1, 0],
    ];
    for (const body of [
      {
        dataframe_records: [
          { age: 41, city: 'Rome', smoker: true },
          { age: '7', city: 'Oslo', smoker: 0 },
        ],
      },
      { inputs: { age: [[41], [7]], city: [['Rome'], ['Oslo']], smoker: [true, 'False'] } },
      {
        instances: [
          [41.0, 'Rome', true],
          [7, 'Oslo', false],
        ],
      },
    ])
      expect(data(perColumn, body)).toEqual(expected);
    const record = { age: 41, city: 'Rome', smoker: true };
    expect(refusal(perColumn, { inputs: [{ ...record, age: 1.5 }] })).toContain(
      'must be a whole number (INT64), not 1.5',
    );
    expect(refusal(perColumn, { inputs: [{ ...record, age: null }] })).toContain('a whole number (INT64), not null');
    expect(refusal(perColumn, { inputs: [{ ...record, city: 5 }] })).toContain('must be a string, not 5');
    expect(refusal(perColumn, { inputs: [{ ...record, smoker: 2 }] })).toContain('true or false');
  });

  it('one column takes a flat list, too', () => {
    for (const inputs of [['a', 'b'], [['a'], ['b']], { text: ['a', 'b'] }])
      expect(data(texts, { inputs })).toEqual([['a', 'b']]);
    expect(data(texts, { inputs: 'a' })).toEqual([['a']]);
  });

  it('tensors of any rank, by themselves, by name, or as cells of a frame', () => {
    const nested = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ];
    for (const body of [
      { inputs: nested },
      { instances: { image: nested } },
      { dataframe_records: nested.map((image) => ({ image })) },
    ])
      expect(data(images, body)).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
    expect(
      refusal(images, {
        inputs: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toContain('has shape [2, 2]; the model takes [-1, 2, 2]');
    expect(refusal(images, { inputs: [[[1, 2], [3]]] })).toContain('is ragged');
    expect(refusal(images, { inputs: [[[1, 2], 3]] })).toContain('is ragged');
    expect(
      refusal(images, {
        inputs: [
          [
            [[1], [2]],
            [[3], [4]],
          ],
        ],
      }),
    ).toContain('nested deeper');
    expect(
      refusal(images, {
        inputs: [
          [
            [1, 2],
            [3, [4]],
          ],
        ],
      }),
    ).toContain('element 3, must be a number, not a list');
    expect(
      refusal(images, {
        inputs: [
          [
            [1, 2],
            [3, 256],
          ],
        ],
      }),
    ).toContain('within the range of UINT8');
    expect(refusal(images, { inputs: [] })).toContain('empty list');
    expect(refusal(images, { inputs: { x: nested } })).toContain('missing inputs: "image"');
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    expect(refusal(images, { inputs: deep })).toContain('nested deeper');
  });

  it('half floats out of any numbers', () => {
    expect(data(half, { inputs: [[1, null]] })).toEqual([[0x3c00, 0x7e00]]);
    expect(data(half, { inputs: [[65_519, -Infinity]] })).toEqual([[0x7bff, 0xfc00]]);
    expect(refusal(half, { inputs: [[1, 65_520]] })).toContain('must be within the range of FP16, not 65520');
  });
});
