import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { sentence, storable } from '#contracts';
import { PlatformError } from '#runtime';

const text = z.unknown().superRefine(storable);

/** Refuses at the edge of our own API what no database column holds, and names the field, wherever the request has it. */
export const refuseUnstorable = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preHandler', (request, _reply, done) => {
      done(request.url.startsWith('/api/v1/') ? faultIn(request) : undefined);
    });
};

const faultIn = (request: { params: unknown; query: unknown; body: unknown }): PlatformError | undefined => {
  for (const part of [request.params, request.query, isData(request.body) ? request.body : undefined]) {
    const { error } = text.safeParse(part);
    if (error !== undefined) return new PlatformError('REQUEST_INVALID', sentence(error, 'the body'));
  }
  return undefined;
};

/** A file passes as a stream, unread. */
const isData = (body: unknown): boolean => !(typeof body === 'object' && body !== null && Symbol.asyncIterator in body);
