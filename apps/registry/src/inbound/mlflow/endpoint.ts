import {
  applyDecorators,
  Controller,
  Delete,
  Get,
  HttpCode,
  Patch,
  Post,
  UseInterceptors,
  type CallHandler,
  type NestInterceptor,
} from '@nestjs/common';
import { map, type Observable } from 'rxjs';

/** Clients call the first prefix, MLflow's own UI the second. */
const prefixesOf = (version: string): string[] => [`api/${version}/mlflow`, `ajax-api/${version}/mlflow`];
export const prefixes = prefixesOf('2.0');

/** Node has it; the compiler's library does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object };

/**
 * Answers as protobuf's JSON writes: fields that are unset and lists that are empty are left out, NaN and infinities are
 * text, integers beyond a double's are numbers with all their digits. An answer without a message is `{}`.
 */
export const wire = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return rawJSON(String(value));
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null) return value;
  const message: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(value)) {
    const unset = entry === undefined || entry === null || (Array.isArray(entry) && entry.length === 0);
    if (!unset) message[name] = wire(entry);
  }
  return message;
};

class WireInterceptor implements NestInterceptor {
  intercept(_: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((answer) => wire(answer ?? {})));
  }
}

/** A controller of MLflow's API, under both prefixes. */
export const MlflowController = (version: '2.0' | '3.0' = '2.0'): ClassDecorator =>
  applyDecorators(Controller(prefixesOf(version)), UseInterceptors(new WireInterceptor()));

const methods = { GET: Get, POST: Post, PATCH: Patch, DELETE: Delete };

/** One route of MLflow's API. Success is 200 and nothing else: its client takes 201 for a failure. */
export const Endpoint = (method: keyof typeof methods, path: string): MethodDecorator =>
  applyDecorators(methods[method](path), HttpCode(200));
