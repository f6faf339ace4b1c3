import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../error-codes.js';
import type { HttpContent, HttpRoute } from './http-route.js';
import { problem } from './problem.js';

export type OpenApi = Record<string, unknown> & { paths: Record<string, Record<string, Operation>> };
type Operation = Record<string, unknown>;
type JsonSchema = Record<string, unknown>;

/** Schemas that have a name of their own in a document, by the side on which they stand. */
export type Components = Record<'input' | 'output', Record<string, z.ZodType>>;

/** All there is to say of an API; the document is made of it. */
export interface ApiDescription {
  title: string;
  description: string;
  /** Whose address the paths are relative to. */
  server: string;
  routes: readonly HttpRoute[];
  chapters: readonly (readonly [tag: string, description: string])[];
  components: Components;
  /** Codes that a route may answer beside its own. */
  errorsOf: (route: HttpRoute) => ErrorCode[];
  /** What stands before every path and says nothing about it. */
  prefix: string;
}

/** OpenAPI 3.1 out of routes and their schemas. */
export const describeApi = (api: ApiDescription): OpenApi => {
  const tags = new Set(api.routes.map(({ tag }) => tag));
  const schemas = new NamedSchemas(api.components);
  return {
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: '1',
      description: api.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: api.server }],
    tags: [
      ...api.chapters.filter(([name]) => tags.has(name)).map(([name, description]) => ({ name, description })),
      ...[...tags].filter((tag) => !api.chapters.some(([name]) => name === tag)).map((name) => ({ name })),
    ],
    paths: pathsOf(api, schemas),
    components: { schemas: schemas.all() },
  };
};

const pathsOf = (api: ApiDescription, schemas: NamedSchemas): OpenApi['paths'] => {
  const paths: OpenApi['paths'] = {};
  for (const route of api.routes)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, api, schemas);
  return paths;
};

const operationOf = (route: HttpRoute, api: ApiDescription, schemas: NamedSchemas): Operation => ({
  operationId: operationId(route, api.prefix),
  tags: [route.tag],
  summary: route.summary,
  ...(route.description !== undefined && { description: route.description }),
  ...(route.parameters !== undefined && {
    parameters: route.parameters.map(({ schema, ...parameter }) => ({
      ...parameter,
      ...(parameter.in === 'path' && { required: true }),
      schema: inline(schema, 'input'),
    })),
  }),
  ...(route.body !== undefined && {
    requestBody: { required: true, content: contentOf(route.body, 'input', schemas) },
  }),
  responses: { ...answersOf(route, schemas), ...errorAnswers(route, api.errorsOf(route)) },
});

/** `GET /api/v1/models/{name}/policy` → `getModelsNamePolicy`. */
const operationId = ({ method, path }: HttpRoute, prefix: string): string =>
  method.toLowerCase() +
  path
    .replace(prefix, '')
    .split(/[/{}.-]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

const answersOf = (route: HttpRoute, schemas: NamedSchemas): object =>
  Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, content }]) => [
      status,
      { description, ...(content !== undefined && { content: contentOf([content], 'output', schemas) }) },
    ]),
  );

const contentOf = (contents: HttpContent[], io: 'input' | 'output', schemas: NamedSchemas): object =>
  Object.fromEntries(
    contents.map(({ type = 'application/json', schema, example }) => [
      type,
      { schema: schemas.refer(schema, io), ...(example !== undefined && { example }) },
    ]),
  );

const errorAnswers = (route: HttpRoute, codes: readonly ErrorCode[]): object => {
  // A status that the route tells of itself says more than the codes.
  const own = codes.filter((code) => !(errorCodes[code].status in route.answers));
  const byStatus = Map.groupBy(own, (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      route.errorBody === undefined ? problemAnswer(status, some) : otherAnswer(some, route.errorBody),
    ]),
  );
};

/** An error in another protocol's words. */
const otherAnswer = (codes: ErrorCode[], { schema, example }: HttpContent): object => ({
  description: sentencesOf(codes),
  content: { 'application/json': { schema: inline(schema, 'output'), example } },
});

const sentencesOf = (codes: ErrorCode[]): string =>
  codes.map((code) => `\`${code}\`: ${errorCodes[code].sentence}`).join('\n\n');

const problemAnswer = (status: number, codes: ErrorCode[]): object => ({
  description: sentencesOf(codes),
  content: {
    'application/problem+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }],
        properties: { status: { const: status }, code: { enum: codes } },
      },
      examples: Object.fromEntries(
        codes.map((code) => [
          code,
          {
            value: {
              type: `urn:baton:error:${code}`,
              title: errorCodes[code].sentence,
              status,
              code,
              detail: errorCodes[code].sentence,
            },
          },
        ]),
      ),
    },
  },
});

const refOf = (id: string): string => `#/components/schemas/${id}`;

/** A schema that has a name is referred to, whole or within another; what it is called depends on the side it stands on. */
class NamedSchemas {
  constructor(private readonly components: Components) {}

  refer(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const id = Object.entries(this.components[io]).find(([, known]) => known === schema)?.[0];
    return id === undefined ? inline(schema, io) : { $ref: refOf(id) };
  }

  all(): Record<string, JsonSchema> {
    const made = (['input', 'output'] as const).map((io) => {
      const registry = z.registry<{ id: string }>();
      for (const [id, schema] of Object.entries(this.components[io])) registry.add(schema, { id });
      return z.toJSONSchema(registry, { io, uri: refOf }).schemas;
    });
    const { __shared: shared, ...schemas } = Object.assign({}, ...made) as { __shared?: JsonSchema };
    const { schema0: JsonValue } = (shared?.$defs ?? {}) as { schema0?: JsonSchema };
    return Object.fromEntries(
      Object.entries({
        ...schemas,
        ...(JsonValue !== undefined && { JsonValue }),
        Problem: z.toJSONSchema(problem, { io: 'output' }),
      })
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, schema]) => [id, cleaned(schema)]),
    );
  }
}

const inline = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => cleaned(z.toJSONSchema(schema, { io }));

/**
 * Within the document the dialect is known; zod's name for "any JSON value" gets a word; and what a format or the very
 * numbers of JSON say already is not said twice.
 */
const cleaned = (schema: object): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replace(sharedValue, refOf('JsonValue')), (key, value: unknown) => {
    if (key === '$schema' || key === '$id') return undefined;
    if (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) return undefined;
    return withoutPattern(value);
  }) as JsonSchema;

const sharedValue = /#\/components\/schemas\/__shared#\/[$]defs\/schema\d+/g;

const withoutPattern = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('format' in value) || !('pattern' in value)) return value;
  const { pattern: _, ...rest } = value;
  return rest;
};
