import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { PlatformError } from '#runtime';

/**
 * The one place where a request becomes a message: path parameters, query (GET) or JSON body (all others), names in
 * snake_case or lowerCamelCase, checked by the schema. Faults are told in the words MLflow's clients look for.
 */
export const Message = (schema: z.ZodType): ParameterDecorator => {
  const parse = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const sent = request.method === 'GET' ? request.query : jsonBody(request);
    return read(schema, { ...snakeCased(sent), ...(request.params as object) });
  });
  return parse();
};

/** @throws PlatformError REQUEST_INVALID naming the first faulty field. */
export const read = <T extends z.ZodType>(schema: T, message: Record<string, unknown>): z.output<T> => {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PlatformError('REQUEST_INVALID', faultOf(issue, valueAt(message, issue.path)));
};

const faultOf = (issue: z.core.$ZodIssue, value: unknown): string => {
  const field = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${String(part)}]` : `${path}${path && '.'}${String(part)}`),
    '',
  );
  if (value === undefined || value === '')
    return `Missing value for required parameter '${field}'. See the API docs for more information about request parameters.`;
  if (issue.code !== 'invalid_type') return issue.message;
  return `Invalid value ${JSON.stringify(value)} for parameter '${field}' supplied:  Hint: Value was of type '${pythonType(value)}'. See the API docs for more information about request parameters.`;
};

const pythonType = (value: unknown): string => {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : 'dict';
};

const valueAt = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    value,
  );

/** What is no JSON object counts as an empty one; old clients encode twice. */
const jsonBody = ({ body, headers }: FastifyRequest): unknown => {
  if (body !== undefined && headers['content-type']?.startsWith('application/json') !== true)
    throw new PlatformError('REQUEST_INVALID', "Bad Request. Content-Type must be one of ['application/json'].");
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return {};
  }
};

const snakeCased = (value: unknown): Record<string, unknown> => {
  const renamed = rename(value);
  return typeof renamed === 'object' && renamed !== null && !Array.isArray(renamed)
    ? (renamed as Record<string, unknown>)
    : {};
};

/** Null means unset in protobuf's JSON. */
const rename = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([name, entry]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), rename(entry)]),
  );
};
