import type { z } from 'zod';
import type { ErrorCode } from '../error-codes.js';

/** A body as it travels: JSON by a schema, or another content type in words. */
export interface HttpContent {
  type?: string;
  schema: z.ZodType;
  example?: unknown;
}

export interface HttpParameter {
  in: 'path' | 'query' | 'header';
  name: string;
  schema: z.ZodType;
  description: string;
}

/** One operation of an API of ours: what documents show of it. What is true of all stands beside the table of routes. */
export interface HttpRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters in braces. */
  path: string;
  /** The chapter it stands in. */
  tag: string;
  summary: string;
  description?: string;
  parameters?: HttpParameter[];
  body?: HttpContent[];
  /** By status. */
  answers: Record<number, { description: string; content?: HttpContent }>;
  /** Errors of its own, beside those that any route may give. */
  errors?: ErrorCode[];
  /** How errors are said where another protocol has words of its own; else they are problems. */
  errorBody?: HttpContent;
}
