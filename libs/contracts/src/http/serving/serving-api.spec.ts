import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../error-codes.js';
import type { HttpRoute } from '../http-route.js';
import { servingApi, servingErrorsOf, servingRoutes } from './serving-api.js';

const document = servingApi();
const text = JSON.stringify(document);
const nameOf = ({ method, path }: HttpRoute): string => `${method} ${path}`;

describe.each(servingRoutes.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
  const contents = [...(route.body ?? []), ...Object.values(route.answers).flatMap(({ content }) => content ?? [])];

  it('has examples that follow their schemas', () => {
    for (const { schema, example } of contents) expect(schema.safeParse(example).error?.message).toBeUndefined();
    expect(route.errorBody?.schema.safeParse(route.errorBody.example).success ?? true).toBe(true);
  });

  it('names the parameters of its path, and no other', () => {
    const inPath = (route.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...route.path.matchAll(/{(\w+)}/g)].map(([, name]) => name));
  });

  it('answers errors by codes of the table, each under its status', () => {
    const operation = document.paths[route.path][route.method.toLowerCase()] as { responses: Record<string, unknown> };
    for (const code of servingErrorsOf(route)) {
      const { status } = errorCodes[code];
      if (!(status in route.answers))
        expect(JSON.stringify(operation.responses[status])).toContain(errorCodes[code].sentence);
    }
  });
});

it('describes each route once, under an id of its own', () => {
  expect(new Set(servingRoutes.map(nameOf)).size).toBe(servingRoutes.length);
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(servingRoutes.length);
});

it('refers to nothing that is not in it', () => {
  const { schemas } = document.components as { schemas: Record<string, unknown> };
  const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
  expect(refs.length).toBeGreaterThan(10);
  for (const ref of refs) expect(Object.keys(schemas).map((id) => `#/components/schemas/${id}`)).toContain(ref);
  expect(text).not.toContain('$defs');
  expect(text).not.toContain('__');
});
