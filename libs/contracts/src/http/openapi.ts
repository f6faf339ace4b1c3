import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../error-codes.js';
import { httpComponents } from './components.js';
import type { HttpContent, HttpRoute } from './http-route.js';
import { problem } from './problem.js';
import { httpRoutes } from './routes.js';

export type OpenApi = Record<string, unknown> & { paths: Record<string, Record<string, Operation>> };
type Operation = Record<string, unknown>;
type JsonSchema = Record<string, unknown>;

/** What may befall any request, whatever it asks for. */
const everywhere: ErrorCode[] = ['HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE', 'INTERNAL'];
const whenItChanges: ErrorCode[] = ['ORIGIN_NOT_ALLOWED'];
const whenItHasABody: ErrorCode[] = ['REQUEST_INVALID', 'PAYLOAD_TOO_LARGE'];

const chapters: [tag: string, description: string][] = [
  ['Training requests', 'Ask for a training and follow it to its end.'],
  ['Models', 'Registered models, their versions and what is promoted.'],
  ['Promotion', 'Which version predictors serve: by hand, by policy, and who was in production when.'],
  ['Fleet', 'What predictors serve.'],
  ['Events', 'Everything that happens, as it happens.'],
  ['Webhooks', 'Tell other systems by HTTP, and see what became of it.'],
  ['Garbage', 'Free what nothing refers to any more.'],
];

/** OpenAPI 3.1 of the registry's own API, out of the routes and their schemas. */
export const openApi = (routes: readonly HttpRoute[] = httpRoutes): OpenApi => {
  const tags = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Baton registry',
      version: '1',
      description:
        "The registry's own API. MLflow's API (`/api/2.0/mlflow/…`) is described by MLflow. Errors are problems (RFC 9457) whose `code` is stable; docs/errors.md lists all.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The registry that gave this page.' }],
    tags: [
      ...chapters.filter(([name]) => tags.has(name)).map(([name, description]) => ({ name, description })),
      ...[...tags].filter((tag) => !chapters.some(([name]) => name === tag)).map((name) => ({ name })),
    ],
    paths: pathsOf(routes),
    components: { schemas: components() },
  };
};

const pathsOf = (routes: readonly HttpRoute[]): OpenApi['paths'] => {
  const paths: OpenApi['paths'] = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return paths;
};

const operationOf = (route: HttpRoute): Operation => ({
  operationId: operationId(route),
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
    requestBody: { required: true, content: contentOf(route.body, 'input') },
  }),
  responses: { ...answersOf(route), ...problemsOf(route) },
});

/** `GET /api/v1/models/{name}/policy` → `getModelsNamePolicy`. */
const operationId = ({ method, path }: HttpRoute): string =>
  method.toLowerCase() +
  path
    .replace('/api/v1', '')
    .split(/[/{}-]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

const answersOf = (route: HttpRoute): object =>
  Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, content }]) => [
      status,
      { description, ...(content !== undefined && { content: contentOf([content], 'output') }) },
    ]),
  );

const contentOf = (contents: HttpContent[], io: 'input' | 'output'): object =>
  Object.fromEntries(
    contents.map(({ type = 'application/json', schema, example }) => [
      type,
      { schema: referenced(schema, io), ...(example !== undefined && { example }) },
    ]),
  );

/** The codes that a route can answer. */
export const errorsOf = (route: HttpRoute): ErrorCode[] => [
  ...new Set([
    ...(route.parameters !== undefined || route.body !== undefined ? (['REQUEST_INVALID'] as const) : []),
    ...(route.errors ?? []),
    ...(route.body === undefined ? [] : whenItHasABody),
    ...(route.method === 'GET' ? [] : whenItChanges),
    ...everywhere,
  ]),
];

const problemsOf = (route: HttpRoute): object => {
  const byStatus = Map.groupBy(errorsOf(route), (code) => errorCodes[code].status);
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemAnswer(status, codes)]));
};

const problemAnswer = (status: number, codes: ErrorCode[]): object => ({
  description: codes.map((code) => `\`${code}\`: ${errorCodes[code].sentence}`).join('\n\n'),
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

/** A schema that has a name is referred to, whole or within another; what it is called depends on the side it stands on. */
const registries = (['input', 'output'] as const).map((io) => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(httpComponents[io])) registry.add(schema, { id });
  return [io, registry] as const;
});

const refOf = (id: string): string => `#/components/schemas/${id}`;

const components = (): Record<string, JsonSchema> => {
  const made = registries.map(([io, registry]) => z.toJSONSchema(registry, { io, uri: refOf }).schemas);
  const { __shared: shared, ...schemas } = Object.assign({}, ...made) as Record<string, JsonSchema>;
  const { schema0: JsonValue } = (shared.$defs ?? {}) as Record<string, JsonSchema>;
  return Object.fromEntries(
    Object.entries({ ...schemas, JsonValue, Problem: z.toJSONSchema(problem, { io: 'output' }) })
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, schema]) => [id, cleaned(schema)]),
  );
};

const referenced = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const id = Object.entries(httpComponents[io]).find(([, known]) => known === schema)?.[0];
  return id === undefined ? inline(schema, io) : { $ref: refOf(id) };
};

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
