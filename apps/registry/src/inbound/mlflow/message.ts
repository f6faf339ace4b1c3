import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PlatformError } from '#runtime';
import { pythonJson, pythonType } from '../../core/python-text.js';
import { isList, pathOf } from './fields.js';

/** protobuf's own limit; what is nested deeper is no message of anybody's. */
const MAX_DEPTH = 100;
/** An error that repeats a value says at most this much of it. */
const MAX_QUOTED = 1000;

/**
 * The one place where a request becomes a message: path parameters, query (GET) or JSON body (all others), names in
 * snake_case or lowerCamelCase, checked by the schema. Faults are told in the words MLflow's clients look for.
 */
export const Message = (schema: z.ZodType): ParameterDecorator => {
  const lists = listsOf(schema);
  const parse = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const sent = request.method === 'GET' ? fromQuery(request.query, lists) : jsonBody(request);
    const message = snakeCased(sent) as Record<string, unknown>;
    // The older name of the same field.
    if (message.run_id === undefined && message.run_uuid !== undefined) message.run_id = message.run_uuid;
    const inPath = request.params as Record<string, string>;
    return read(schema, Object.keys(inPath).length === 0 ? message : { ...message, ...inPath });
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

/** MLflow's words for a field that has to be there. */
export const missingValue = (field: string): string =>
  `Missing value for required parameter '${field}'. See the API docs for more information about request parameters.`;

/** MLflow's words for a value of another type than the field's. */
export const wrongType = (field: string, value: unknown): string => {
  const said = pythonJson(value);
  const quoted = said.length > MAX_QUOTED ? `${said.slice(0, MAX_QUOTED)}…` : said;
  return `Invalid value ${quoted} for parameter '${field}' supplied:  Hint: Value was of type '${pythonType(value)}'. See the API docs for more information about request parameters.`;
};

const faultOf = (issue: z.core.$ZodIssue, value: unknown): string => {
  const field = pathOf(issue.path);
  // What is absent and has a default fails, if at all, as that default.
  const isAbsent = value === undefined && issue.code !== 'too_small' && issue.code !== 'custom';
  if (isAbsent || (value === '' && issue.code !== 'custom')) return missingValue(field);
  if (issue.code === 'too_big' && issue.origin === 'string')
    return `'${pathOf(issue.path.slice(-1))}' exceeds the maximum length of ${String(issue.maximum)} characters`;
  return issue.code === 'invalid_type' ? wrongType(field, value) : issue.message;
};

const valueAt = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    value,
  );

const listsOf = (schema: z.ZodType): ReadonlySet<string> => {
  if (!(schema instanceof z.ZodObject)) return new Set();
  const shape = schema.shape as Record<string, z.ZodType>;
  return new Set(Object.keys(shape).filter((name) => isList(shape[name])));
};

/** A key that is given twice is a list where the field is one; elsewhere the first counts. */
const fromQuery = (query: unknown, lists: ReadonlySet<string>): unknown =>
  Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).map(([name, value]) => {
      if (lists.has(snakeCase(name))) return [name, [value].flat()];
      return [name, Array.isArray(value) ? value[0] : value];
    }),
  );

/** What is no JSON counts as an empty message; old clients encode twice. */
const jsonBody = ({ body, headers, method }: FastifyRequest): unknown => {
  const type = headers['content-type'];
  if (method === 'POST' && type === undefined)
    throw new PlatformError('REQUEST_INVALID', 'Bad Request. Content-Type header is missing.');
  if ((method === 'POST' || body !== undefined) && type?.split(';')[0].trim().toLowerCase() !== 'application/json')
    throw new PlatformError('REQUEST_INVALID', "Bad Request. Content-Type must be one of ['application/json'].");
  const message = typeof body === 'string' ? decoded(body) : (body ?? {});
  if (typeof message === 'object' && !Array.isArray(message)) return message;
  throw new PlatformError('REQUEST_INVALID', `The body must be a JSON object, not ${pythonType(message)}.`);
};

const decoded = (text: string): unknown => {
  try {
    return (JSON.parse(text) as unknown) ?? {};
  } catch {
    throw new PlatformError('REQUEST_INVALID', 'The body must be a JSON object, not str.');
  }
};

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The same object where nothing is to rename: most messages are written in snake_case. Null means unset in protobuf's JSON. */
const snakeCased = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH)
    throw new PlatformError('REQUEST_INVALID', `The message is nested deeper than ${String(MAX_DEPTH)} levels.`);
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = snakeCased(value[at], depth + 1);
    return value;
  }
  const message = value as Record<string, unknown>;
  let renamed: Record<string, unknown> | undefined;
  for (const [name, entry] of Object.entries(message)) {
    if (entry === null || /[A-Z]/.test(name)) renamed ??= {};
    else if (typeof entry === 'object') message[name] = snakeCased(entry, depth + 1);
  }
  return renamed === undefined ? message : withNewNames(message, depth);
};

const withNewNames = (message: Record<string, unknown>, depth: number): Record<string, unknown> => {
  const renamed = new Map<string, unknown>();
  for (const [name, entry] of Object.entries(message)) {
    if (entry === null) continue;
    const snake = snakeCase(name);
    if (renamed.has(snake) || (snake !== name && snake in message && message[snake] !== null))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Request specifies both '${snake}' and '${name}'; provide only one of them.`,
      );
    renamed.set(snake, snakeCased(entry, depth + 1));
  }
  return Object.fromEntries(renamed);
};
