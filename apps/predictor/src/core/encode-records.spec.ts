import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '#contracts';
import { PlatformError } from '#runtime';
import { compileRecords } from './encode-records.js';

const column = (name: string, required = true) => ({ name, type: 'double', required });
const iris: ModelSignature = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  columns: ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)'].map((name) =>
    column(name),
  ),
};
const plain: ModelSignature = {
  inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 2] }],
  outputs: iris.outputs,
};
const perColumn: ModelSignature = {
  inputs: [
    { name: 'Age', datatype: 'INT64', shape: [-1, 1] },
    { name: 'city', datatype: 'BYTES', shape: [-1] },
    { name: 'smoker', datatype: 'BOOL', shape: [-1, 1] },
  ],
  outputs: iris.outputs,
};
const full = { 'sepal length (cm)': 1, 'sepal width (cm)': 2, 'petal length (cm)': 3, 'petal width (cm)': 4 };
const encode = (signature: ModelSignature, body: unknown) =>
  compileRecords(signature)({ byName: () => body, asWritten: () => body });
const refusal = (signature: ModelSignature, body: unknown): string => {
  try {
    encode(signature, body);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'INPUT_INVALID') return error.detail;
    throw error;
  }
  return 'accepted';
};

describe('by name', () => {
  it('takes the whole names in any order', () => {
    const backwards = Object.fromEntries(Object.entries(full).reverse());
    expect(encode(iris, [full, backwards])).toEqual([
      { name: 'features', datatype: 'FP32', shape: [2, 4], data: new Float32Array([1, 2, 3, 4, 1, 2, 3, 4]) },
    ]);
  });

  it.each(['sepal_length', 'Sepal_Length', 'SEPAL LENGTH', 'sepal-length', 'sepal_length_cm', 'Sepal length (CM)'])(
    'takes the short form %s',
    (field) => {
      const record = { petal_width: 4, [field]: 1, sepal_width: 2, petal_length: 3 };
      expect(encode(iris, [record])[0].data).toEqual(new Float32Array([1, 2, 3, 4]));
    },
  );

  it('drops units in parentheses alone, and goes over a name once, however many of them stay open', () => {
    const [first, ...rest] = Object.entries(full);
    expect(refusal(iris, [Object.fromEntries([['sepal (of an iris (cm) length (', first[1]], ...rest])])).toBe(
      'accepted',
    );
    expect(refusal(iris, [{ ['('.repeat(4_000_000)]: 1 }])).toContain('the model has no feature "((');
  });

  it('does not accept a short form that two features share, but their whole names', () => {
    const twoUnits: ModelSignature = {
      ...plain,
      columns: [column('length (cm)'), column('length (in)')],
    };
    expect(refusal(twoUnits, [{ length: 1, 'length (in)': 2 }])).toBe(
      'Row 0: "length" could mean "length (cm)" or "length (in)"; write the whole name.',
    );
    expect(encode(twoUnits, [{ length_in: 2, 'length (cm)': 1 }])[0].data).toEqual(new Float32Array([1, 2]));
  });

  it('takes a tensor per column, each of its own type', () => {
    expect(
      encode(perColumn, [
        { city: 'Ulm', age: 41, smoker: false },
        { smoker: true, city: '', age: -3 },
      ]),
    ).toEqual([
      { name: 'Age', datatype: 'INT64', shape: [2, 1], data: new BigInt64Array([41n, -3n]) },
      { name: 'city', datatype: 'BYTES', shape: [2], data: ['Ulm', ''] },
      { name: 'smoker', datatype: 'BOOL', shape: [2, 1], data: new Uint8Array([0, 1]) },
    ]);
  });

  it('reads a missing optional feature as not a number', () => {
    const optional: ModelSignature = { ...plain, columns: [column('a'), column('b', false)] };
    expect(encode(optional, [{ a: 1 }])[0].data).toEqual(new Float32Array([1, NaN]));
  });

  it('reads a missing optional text as "", and refuses one that is required', () => {
    const inputs = ['a', 'b'].map((name) => ({ name, datatype: 'BYTES' as const, shape: [-1, 1] }));
    const texts: ModelSignature = { ...plain, inputs, columns: [column('a'), column('b', false)] };
    expect(encode(texts, [{ a: 'x', b: null }, { a: 'y' }]).map(({ data }) => data)).toEqual([
      ['x', 'y'],
      ['', ''],
    ]);
    expect(() => encode(texts, [{ a: null, b: 'z' }])).toThrow(/"a" must be a string/);
  });

  const { 'petal width (cm)': _, ...three } = full;
  it.each<[string, unknown, string]>([
    ['missing', [full, three], 'Row 1: the feature "petal width (cm)" is missing.'],
    ['unknown', [full, full, { ...full, colour: 1 }], 'Row 2: the model has no feature "colour".'],
    [
      'text',
      [{ ...full, 'sepal width (cm)': '2' }],
      'Row 0: the feature "sepal width (cm)" must be a number, not "2".',
    ],
    ['null', [{ ...three, petal_width: null }], 'Row 0: the feature "petal_width" must be a number, not null.'],
    ['NaN', [{ ...three, petal_width: NaN }], 'Row 0: the feature "petal_width" must be a finite number, not NaN.'],
    ['boolean', [{ ...three, petal_width: true }], 'Row 0: the feature "petal_width" must be a number, not true.'],
    ['list', [{ ...three, petal_width: [1] }], 'Row 0: the feature "petal_width" must be a number, not a list.'],
    [
      'too large',
      [{ ...three, petal_width: 1e39 }],
      'Row 0: the feature "petal_width" must be within the range of FP32, not 1e+39.',
    ],
    [
      'twice',
      [{ ...full, petal_width: 1 }],
      'Row 0: the fields "petal width (cm)" and "petal_width" are the same feature.',
    ],
    ['no record', [full, [1, 2, 3, 4]], 'Row 1 is a list, not a record'],
    ['prototype names', [{ ...full, constructor: 1 }], 'Row 0: the model has no feature "constructor".'],
    ['empty list', [], 'The list holds no record'],
    ['one record without a list', full, 'The body must be a list of records, such as [{"sepal_length": 1.5, '],
    ['nothing', undefined, 'The body must be a list of records'],
  ])('refuses: %s', (_, body, expected) => {
    expect(refusal(iris, body)).toContain(expected);
  });

  it.each<[string, unknown, string]>([
    ['a fraction', 1.5, 'must be a whole number (INT64), not 1.5'],
    ['beyond 64 bits', 2n ** 63n, 'must be within the range of INT64'],
    ['a boolean', true, 'must be a number, not true'],
  ])('refuses as an integer: %s', (_, age, expected) => {
    expect(refusal(perColumn, [{ age, city: 'Ulm', smoker: false }])).toContain(expected);
  });
});

describe('one unnamed input', () => {
  it('goes by the order written', () => {
    expect(
      encode(plain, [
        { b: 1, a: 2 },
        { b: 3, a: 4 },
      ]),
    ).toEqual([{ name: 'X', datatype: 'FP32', shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) }]);
  });

  it.each<[string, unknown, string]>([
    ['too few', [{ a: 1 }], 'Row 0: the model takes exactly 2 fields, not 1.'],
    ['too many', [{ a: 1, b: 2, c: 3 }], 'Row 0: the model takes exactly 2 fields, not 3.'],
    ['too few later', [{ a: 1, b: 2 }, { a: 1 }], 'Row 1: the model takes exactly 2 fields, not 1.'],
    [
      'another order',
      [
        { a: 1, b: 2 },
        { b: 1, a: 2 },
      ],
      'Row 1: field "b" stands where row 0 has "a"',
    ],
    [
      'other names',
      [
        { a: 1, b: 2 },
        { a: 1, c: 2 },
      ],
      'Row 1: field "c" stands where row 0 has "b"',
    ],
    ['text', [{ a: 1, b: 'x' }], 'Row 0: the feature "b" must be a number, not "x".'],
  ])('refuses: %s', (_, body, expected) => {
    expect(refusal(plain, body)).toContain(expected);
  });

  it('takes as many columns as row 0 has when the graph leaves them free', () => {
    const free = { ...plain, inputs: [{ ...plain.inputs[0], shape: [-1, -1] }] };
    expect(encode(free, [{ a: 1, b: 2, c: 3 }])[0].shape).toEqual([1, 3]);
    expect(refusal(free, [{ a: 1, b: 2, c: 3 }, { a: 1 }])).toContain('Row 1: the model takes exactly 3 fields');
  });
});

it('says where to go when the model takes no columns', () => {
  const image = { ...plain, inputs: [{ name: 'image', datatype: 'FP32' as const, shape: [-1, 3, 8, 8] }] };
  expect(refusal(image, [{ a: 1 }])).toContain('/v2/models/{name}/infer');
});
