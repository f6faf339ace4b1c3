import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { PlatformError, type Logger, type Settings } from '#runtime';
import type { OnError } from '#runtime/nest';
import { AccessLog } from './access-log.js';
import { requestIdOf, traceOf } from './request-marks.js';
import { VERSION_HEADER } from './version-header.js';

/** After so many seconds a retry may find room, a new worker, or the model. */
const RETRY_AFTER = '1';
const worthARetry: ReadonlySet<string> = new Set(['QUEUE_FULL', 'WORKER_LOST', 'MODEL_NOT_READY']);

/** Codes of answers that are errors, for their line in the access log. */
const codes = new WeakMap<FastifyRequest, string>();

/** Says to clients when to come again, and notes the code for the access log. */
export const noteError: OnError = (error, request, reply) => {
  if (!(error instanceof PlatformError)) return;
  codes.set(request, error.code);
  if (worthARetry.has(error.code)) void reply.header('retry-after', RETRY_AFTER);
};

/** Gives every request an id, its own if it has one, and a line in the access log when it is over. */
export const markRequests = (app: NestFastifyApplication, logger: Logger, which: Settings['ACCESS_LOG']): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', ({ headers }, reply, done) => {
    void reply.header('x-request-id', requestIdOf(headers['x-request-id']));
    const trace = traceOf(headers.traceparent);
    if (trace !== undefined) void reply.header('traceparent', trace.traceparent);
    done();
  });
  if (which === 'off') return;
  const log = new AccessLog(logger, which);
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
