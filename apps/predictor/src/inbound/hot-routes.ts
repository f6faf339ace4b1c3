import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HotCall, HotCalls } from './hot-calls.js';
import type { InferAnswer } from './infer-answer.js';
import { VERSION_HEADER } from './version-header.js';

interface Path {
  name?: string;
  version?: string;
}

/**
 * Mounts what answers predictions on Fastify itself: Nest's pipeline costs more per request than a small model does. Plain
 * requests do not even come here (`fast-http/`).
 */
export const mountHotRoutes = (app: NestFastifyApplication, calls: HotCalls): void => {
  const fastify = app.getHttpAdapter().getInstance();
  const mount = (paths: string[], answer: (call: HotCall) => Promise<InferAnswer>): void => {
    for (const path of paths)
      fastify.post(path, (request, reply) => {
        answer(callOf(request, reply)).then(
          (made) => {
            send(reply, made);
          },
          (error: unknown) => {
            void reply.send(error);
          },
        );
      });
  };
  mount(['/v2/models/:name/infer', '/v2/models/:name/versions/:version/infer'], (call) => calls.infer(call));
  mount(['/predict', '/models/:name/predict'], (call) => calls.records(call));
};

const callOf = (request: FastifyRequest, reply: FastifyReply): HotCall => {
  const { name, version } = request.params as Path;
  return {
    name,
    version,
    query: request.query as Record<string, unknown>,
    headers: request.headers,
    body: request.body,
    asker: reply.raw,
    acceptedBy: (promoted) => void reply.header(VERSION_HEADER, String(promoted.version)),
  };
};

const send = (reply: FastifyReply, { body, jsonLength }: InferAnswer): void => {
  if (jsonLength === undefined) void reply.header('content-type', 'application/json; charset=utf-8');
  else
    void reply
      .header('content-type', 'application/octet-stream')
      .header('inference-header-content-length', String(jsonLength));
  void reply.send(body);
};
