import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { PlatformError } from '#runtime';
import type { OnError } from '#runtime/nest';
import type { AccessLog } from './access-log.js';
import { requestIdOf, traceOf } from './request-marks.js';
import { retryAfterOf } from './retry-after.js';
import { VERSION_HEADER } from './version-header.js';

/** Codes of answers that are errors, for their line in the access log. */
const codes = new WeakMap<FastifyRequest, string>();

/** Says to clients when to come again, and notes the code for the access log. */
export const noteError: OnError = (error, request, reply) => {
  if (!(error instanceof PlatformError)) return;
  codes.set(request, error.code);
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
};

/** Gives every request an id, its own if it has one, and a line in the access log when it is over. */
export const markRequests = (app: NestFastifyApplication, log: AccessLog): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', ({ headers }, reply, done) => {
    void reply.header('x-request-id', requestIdOf(headers['x-request-id']));
    const trace = traceOf(headers.traceparent);
    if (trace !== undefined) void reply.header('traceparent', trace.traceparent);
    done();
  });
  if (!log.wants(500)) return;
  fastify.addHook('onResponse', (request, reply, done) => {
    // Who hung up was answered nothing, whatever the status was going to be.
    const status = reply.raw.writableFinished ? reply.statusCode : 499;
    if (log.wants(status))
      log.say({
        method: request.method,
        url: request.url,
        status,
        tookMs: reply.elapsedTime,
        requestId: String(reply.getHeader('x-request-id')),
        traceId: traceOf(request.headers.traceparent)?.traceId,
        version: reply.getHeader(VERSION_HEADER)?.toString(),
        code: codes.get(request),
      });
    done();
  });
};
