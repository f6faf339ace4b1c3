import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '../../model-ref.js';
import { modelApi } from './model-api.js';

interface Content {
  schema: object;
  example: unknown;
}
interface Operation {
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}

const outputs: ModelSignature['outputs'] = [
  { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
  { name: 'label', datatype: 'BYTES', shape: [-1] },
];
const signatures: Record<string, ModelSignature> = {
  'a table': {
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
    outputs,
    columns: [
      { name: 'a (cm)', type: 'double', required: true },
      { name: 'b', type: 'double', required: false },
    ],
  },
  'a table without names': { inputs: [{ name: 'X', datatype: 'INT64', shape: [-1, -1] }], outputs },
  'columns of their own': {
    inputs: [
      { name: 'age', datatype: 'INT32', shape: [-1, 1] },
      { name: 'city', datatype: 'BYTES', shape: [-1] },
      { name: 'smoker', datatype: 'BOOL', shape: [-1, 1] },
    ],
    outputs,
  },
  images: { inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, 28, 28, 3] }], outputs },
  'half floats': { inputs: [{ name: 'x', datatype: 'FP16', shape: [-1, 4] }], outputs },
  'two tensors': {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 4] },
      { name: 'y', datatype: 'FP64', shape: [-1, 2, 2] },
    ],
    outputs,
  },
};

describe.each(Object.entries(signatures))('the API of a model that takes %s', (_, signature) => {
  const document = modelApi({ name: 'my model/1', version: 7, signature });
  const contents = Object.values(document.paths).flatMap((path) =>
    (Object.values(path) as unknown as Operation[]).flatMap(({ requestBody, responses }) => [
      ...Object.values(requestBody?.content ?? {}),
      ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content)),
    ]),
  );

  it('has schemas that stand by themselves, and examples that follow them', () => {
    expect(contents.length).toBeGreaterThan(10);
    const ajv = new Ajv2020({ strict: false });
    for (const { schema, example } of contents) {
      if (JSON.stringify(schema).includes('#/components/schemas/Problem')) continue;
      const check = ajv.compile(schema);
      if (example !== undefined) expect([check(example), check.errors]).toEqual([true, null]);
    }
  });

  it('has the name in its paths, and no place for another', () => {
    const paths = Object.keys(document.paths);
    expect(paths).toContain('/v2/models/my%20model%2F1/infer');
    expect(paths.join()).not.toMatch(/[{}]/);
    const takesRecords = !['images', 'two tensors'].includes(_);
    expect(paths.includes('/models/my%20model%2F1/predict')).toBe(takesRecords);
  });
});

it('says which columns must be there, which may be null, and what is in them', () => {
  const { paths } = modelApi({ name: 'm', version: 1, signature: signatures['a table'] });
  const { requestBody } = paths['/models/m/predict'].post as unknown as Operation;
  expect(requestBody?.content['application/json'].schema).toMatchObject({
    type: 'array',
    items: {
      properties: { 'a (cm)': { type: 'number' }, b: { type: ['number', 'null'] } },
      required: ['a (cm)'],
    },
  });
});
