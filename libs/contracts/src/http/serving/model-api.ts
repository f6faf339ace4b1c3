import { z } from 'zod';
import type { Datatype, ModelSignature, TensorSpec } from '../../model-ref.js';
import type { OpenApi } from '../describe-api.js';
import type { HttpContent, HttpRoute } from '../http-route.js';
import { inferOutput, inferTensor } from './oip.js';
import { oipRoutes } from './oip-routes.js';
import { predictAnswer } from './predicting.js';
import { predictRoutes } from './predict-routes.js';
import { servingApi } from './serving-api.js';

/** A model as it serves now. */
export interface ServedModel {
  name: string;
  version: number;
  signature: ModelSignature;
}

/** The routes of one model, its name written into their paths, with the columns and tensors of its signature. */
export const modelApi = (model: ServedModel): OpenApi => {
  const bodies: Record<string, HttpContent[] | undefined> = {
    '/models/{name}/predict': recordsOf(model.signature),
    '/models/{name}/invocations': framesOf(model.signature),
    '/v2/models/{name}/infer': [tensorsOf(model.signature)],
  };
  const which = { model_name: model.name, model_version: String(model.version) };
  const routes = [...predictRoutes, ...oipRoutes]
    .filter(
      ({ path }) => path.includes('/models/{name}') && !path.includes('{version}') && !path.includes('/repository/'),
    )
    .filter(({ path }) => !(path in bodies) || bodies[path] !== undefined)
    .map((route): HttpRoute => ({
      ...route,
      path: route.path.replace('{name}', encodeURIComponent(model.name)),
      parameters: (route.parameters ?? []).filter(({ name }) => name !== 'name'),
      ...(bodies[route.path] !== undefined && { body: bodies[route.path], answers: answersOf(route, model, which) }),
    }));
  return servingApi(routes, `${model.name}, version ${String(model.version)}`);
};

/** One row of the table that the model takes; undefined when its inputs are no columns of single values. */
const rowOf = ({
  inputs,
  columns,
}: ModelSignature): [name: string, schema: z.ZodType, example: unknown][] | undefined => {
  const [only] = inputs;
  const isTable = inputs.length === 1 && only.shape.length === 2;
  if (isTable && columns !== undefined)
    return columns.map(({ name, required }) => [name, cell(only.datatype, required), exampleOf(only.datatype)]);
  if (isTable || !inputs.every(({ shape }) => shape.length === 1 || (shape.length === 2 && Math.abs(shape[1]) === 1)))
    return undefined;
  return inputs.map(({ name, datatype }) => {
    const required = columns?.find((column) => column.name === name)?.required ?? true;
    return [name, cell(datatype, required), exampleOf(datatype)];
  });
};

const recordsOf = (signature: ModelSignature): HttpContent[] | undefined => {
  const row = rowOf(signature);
  if (row !== undefined)
    return [
      {
        schema: z.array(z.object(Object.fromEntries(row.map(([name, schema]) => [name, schema])))).min(1),
        example: [Object.fromEntries(row.map(([name, , example]) => [name, example]))],
      },
    ];
  const [{ datatype, shape }] = signature.inputs;
  if (signature.inputs.length > 1 || shape.length !== 2) return undefined;
  // Without names the fields go by their order.
  const width = shape[1] === -1 ? 2 : shape[1];
  const fields = Array.from({ length: width }, (_, at) => [`x${String(at)}`, exampleOf(datatype)]);
  return [
    { schema: z.array(z.record(z.string(), cell(datatype, true))).min(1), example: [Object.fromEntries(fields)] },
  ];
};

const framesOf = (signature: ModelSignature): HttpContent[] => {
  const row = rowOf(signature);
  if (row === undefined) {
    const [only] = signature.inputs;
    const inputs =
      signature.inputs.length === 1
        ? nestedExample(only)
        : Object.fromEntries(signature.inputs.map((input) => [input.name, nestedExample(input)]));
    return [{ schema: z.object({ inputs: z.unknown() }), example: { inputs } }];
  }
  const names = row.map(([name]) => name);
  const data = [row.map(([, , example]) => example)];
  const frame = z.object({ columns: z.array(z.enum(names)), data: z.array(z.array(z.unknown())) });
  return [
    { schema: z.object({ dataframe_split: frame }), example: { dataframe_split: { columns: names, data } } },
    {
      type: 'text/csv',
      schema: z.string(),
      example: `${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',')}\n${data[0].map(String).join(',')}\n`,
    },
  ];
};

const tensorsOf = ({ inputs }: ModelSignature): HttpContent => {
  const schemas = inputs.map(({ name, datatype }) =>
    inferTensor.extend({ name: z.literal(name), datatype: z.literal(datatype), data: z.array(z.unknown()).optional() }),
  );
  return {
    schema: z.object({ id: z.string().optional(), inputs: z.array(z.union(schemas)).length(inputs.length) }),
    example: {
      inputs: inputs.map(({ name, datatype, shape }) => {
        const fixed = shape.map((size) => (size === -1 ? 1 : size));
        return { name, datatype, shape: fixed, ...(datatype !== 'FP16' && { data: flatExample(datatype, fixed) }) };
      }),
    },
  };
};

const answersOf = (route: HttpRoute, { signature }: ServedModel, which: object): HttpRoute['answers'] => {
  const [output] = signature.outputs.filter(({ name }) => name === 'label').concat(signature.outputs);
  const value = exampleOf(output.datatype);
  if (route.path.endsWith('/infer')) {
    const outputs = signature.outputs.map(({ name, datatype, shape }) => {
      const fixed = shape.map((size) => (size === -1 ? 1 : size));
      return { name, datatype, shape: fixed, ...(datatype !== 'FP16' && { data: flatExample(datatype, fixed) }) };
    });
    const schema = z.object({ model_name: z.string(), model_version: z.string(), outputs: z.array(inferOutput) });
    return { 200: { description: 'The outputs.', content: { schema, example: { ...which, outputs } } } };
  }
  const predictions = output.shape.slice(1).every((size) => size === 1) ? [value] : [[value]];
  return {
    200: { description: 'One per row.', content: { schema: predictAnswer, example: { predictions, ...which } } },
  };
};

const cell = (datatype: Datatype, required: boolean): z.ZodType => {
  const value: z.ZodType =
    datatype === 'BYTES'
      ? z.string()
      : datatype === 'BOOL'
        ? z.boolean()
        : datatype.startsWith('FP')
          ? z.number()
          : z.int();
  if (required) return value;
  return datatype.startsWith('FP') || datatype === 'BYTES' ? value.nullable().optional() : value.optional();
};

const exampleOf = (datatype: Datatype): unknown =>
  datatype === 'BYTES' ? 'text' : datatype === 'BOOL' ? true : datatype.startsWith('FP') ? 1.5 : 1;

/** An example is to be read: of what is large, the first elements are shown by the shape alone. */
const SHOWN = 1_000;

const flatExample = (datatype: Datatype, shape: readonly number[]): unknown[] =>
  new Array<unknown>(
    Math.min(
      SHOWN,
      shape.reduce((product, size) => product * size, 1),
    ),
  ).fill(exampleOf(datatype));

const nestedExample = ({ datatype, shape }: TensorSpec): unknown => {
  const at = (axis: number): unknown =>
    axis === shape.length
      ? exampleOf(datatype)
      : Array.from({ length: Math.min(4, Math.max(1, shape[axis])) }, () => at(axis + 1));
  return at(0);
};
