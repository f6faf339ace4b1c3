import { z } from 'zod';
import { modelName } from '../model-ref.js';
import type { HttpParameter } from './http-route.js';

/** A path parameter. */
export const inPath = (name: string, schema: z.ZodType, description: string): HttpParameter => ({
  in: 'path',
  name,
  schema,
  description,
});

/** A parameter of the query; never required. */
export const inQuery = (name: string, schema: z.ZodType, description: string): HttpParameter => ({
  in: 'query',
  name,
  schema,
  description,
});

export const nameInPath = inPath('name', modelName, 'Name of the registered model.');

export const limitInQuery = (byDefault: number, greatest: number): HttpParameter =>
  inQuery('limit', z.int().min(1).max(greatest).default(byDefault), 'Most entries in the answer.');

export const pageToken = inQuery('pageToken', z.string(), '`nextPageToken` of the page before.');
