import { describe, expect, it } from 'vitest';
import { errorCodes } from '../error-codes.js';
import type { HttpRoute } from './http-route.js';
import { errorsOf, openApi } from './openapi.js';
import { httpRoutes } from './routes.js';

const document = openApi();
const text = JSON.stringify(document);
const nameOf = ({ method, path }: HttpRoute): string => `${method} ${path}`;

describe.each(httpRoutes.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
  const contents = [...(route.body ?? []), ...Object.values(route.answers).flatMap(({ content }) => content ?? [])];

  it('has examples that follow their schemas', () => {
    for (const { schema, example, type } of contents) {
      if (type === 'application/octet-stream') continue;
      expect(schema.safeParse(example).error?.message).toBeUndefined();
    }
  });

  it('names the parameters of its path, and no other', () => {
    const inPath = (route.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...route.path.matchAll(/{(\w+)}/g)].map(([, name]) => name));
  });

  it('answers errors by codes of the table, each under its status', () => {
    const operation = document.paths[route.path][route.method.toLowerCase()] as { responses: Record<string, unknown> };
    for (const code of errorsOf(route))
      expect(JSON.stringify(operation.responses[errorCodes[code].status])).toContain(`"${code}"`);
  });
});

describe('the document', () => {
  it('describes each route once, under an id of its own', () => {
    expect(new Set(httpRoutes.map(nameOf)).size).toBe(httpRoutes.length);
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(httpRoutes.length);
  });

  it('refers to nothing that is not in it', () => {
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(Object.keys(schemas).map((id) => `#/components/schemas/${id}`)).toContain(ref);
    expect(text).not.toContain('$defs');
    expect(text).not.toContain('__');
  });

  it('says what is optional on the side on which it is', () => {
    const { PutPromotionPolicy, PromotionPolicy } = (
      document.components as { schemas: Record<string, { oneOf: { required: string[] }[] }> }
    ).schemas;
    expect(PutPromotionPolicy.oneOf[0].required).toEqual(['kind']);
    expect(PromotionPolicy.oneOf[0].required).toEqual(['kind', 'signatureChanges', 'stage']);
  });
});
