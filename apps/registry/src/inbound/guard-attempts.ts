import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { KnowAttempts, type Attempt } from '../core/training-attempts.js';

const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** By the raw request: it is the same object for hooks and handlers, and goes when the request goes. */
const attempts = new WeakMap<object, Attempt>();

/** Refuses whatever an attempt that was superseded still wants to change, before a byte of it is read. */
export const guardAttempts = (app: NestFastifyApplication): void => {
  const known = app.get(KnowAttempts);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async ({ method, headers, raw }) => {
      if (!changing.has(method)) return;
      const attempt = await known.of(headers.authorization);
      if (attempt !== undefined) attempts.set(raw, attempt);
    });
};

/** The attempt of a trainer that a request comes from; undefined for everybody else. */
export const FromAttempt = createParamDecorator((_: unknown, context: ExecutionContext): Attempt | undefined =>
  attempts.get(context.switchToHttp().getRequest<FastifyRequest>().raw),
);
