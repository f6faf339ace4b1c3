import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { PlatformError } from '#runtime';
import { readJson } from './json-body.js';

/** Content type under which artifact uploads reach the stream parser, whatever the client called them. */
const STREAM = 'application/x-baton-stream';

/** An ONNX file may be sent here as it is, whatever the client calls it; JSON names one that is there. */
const isModelFile = ({ url, headers }: { url: string; headers: IncomingHttpHeaders }): boolean =>
  /^\/api\/v1\/models\/[^/]+\/versions\/[^/]+\/servable(\?|$)/.test(url) &&
  !/^application\/json\b/i.test(headers['content-type'] ?? '');

const isUpload = (request: { method: string; url: string; headers: IncomingHttpHeaders }): boolean =>
  (request.method === 'PUT' &&
    (/^\/(ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\//.test(request.url) || isModelFile(request))) ||
  (request.method === 'POST' && /^\/ajax-api\/2\.0\/mlflow\/upload-artifact(\?|$)/.test(request.url));

/**
 * What MLflow's clients need of HTTP: artifact uploads arrive as a stream (a `.json` too), and a body that is no JSON
 * reaches the endpoint, which answers in MLflow's words instead of the web server's.
 */
export const configureMlflowHttp = (app: NestFastifyApplication): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isUpload(request)) request.raw.headers['content-type'] = STREAM;
    done();
  });
  fastify.addContentTypeParser(
    STREAM,
    (_request: unknown, body: IncomingMessage, done: (error: null, body: IncomingMessage) => void) => {
      done(null, body);
    },
  );
  const adapter = app.getHttpAdapter() as FastifyAdapter;
  adapter.useBodyParser('application/json', false, {}, (request, body, done) => {
    const message = body.length === 0 ? undefined : readJson(body);
    const isMlflow = /^\/(ajax-)?api\/\d\.0\/mlflow/.test(request.url);
    if (message !== undefined || body.length === 0) done(null, message);
    else if (isMlflow) done(null, {});
    else done(new PlatformError('REQUEST_INVALID', 'The body is not JSON.'));
  });
  adapter.useBodyParser('*', false, {}, (_request, body, done) => {
    done(null, body.toString('utf8'));
  });
};
