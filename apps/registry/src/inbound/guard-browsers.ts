import { hostname } from 'node:os';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '#contracts';
import { PlatformError, type Settings } from '#runtime';
import { hostsAllowed } from './allowed-hosts.js';
import { isOwnOrigin, originsAllowed } from './allowed-origins.js';

type Guarded = Pick<Settings, 'ALLOWED_HOSTS' | 'ALLOWED_ORIGINS' | 'REGISTRY_URL' | 'PUBLIC_URL'>;

const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Probes ask by whatever name they have; these answers tell nobody anything. */
const open = /^\/(health(\/[a-z]+)?|version)([?]|$)/;
const refusals = {
  HOST_NOT_ALLOWED: 'Invalid Host header - possible DNS rebinding attack detected',
  ORIGIN_NOT_ALLOWED: 'Cross-origin request blocked',
} as const satisfies Partial<Record<ErrorCode, string>>;

/**
 * Keeps other people's web pages from using a registry that a browser can reach: no request under a foreign name, no change
 * on behalf of a foreign page, no framing, no guessing of content types. Clients that are no browsers send no `Origin`.
 */
export const guardBrowsers = (app: NestFastifyApplication, settings: Guarded): void => {
  const hostAllowed = hostsAllowed({
    allowed: settings.ALLOWED_HOSTS ?? [],
    ownNames: [hostname()],
    urls: [settings.REGISTRY_URL, settings.PUBLIC_URL],
  });
  const originAllowed = originsAllowed(settings.ALLOWED_ORIGINS ?? []);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    // On the raw answer, so that streams and event feeds, which bypass Fastify's answer, carry them as well.
    reply.raw.setHeader('x-content-type-options', 'nosniff');
    reply.raw.setHeader('x-frame-options', 'SAMEORIGIN');
    const { host, origin } = request.headers;
    if (!open.test(request.url) && !hostAllowed(host)) {
      refuse(request, reply, 'HOST_NOT_ALLOWED', `Let clients use "${host ?? ''}" by ALLOWED_HOSTS.`, done);
      return;
    }
    if (origin === undefined || isOwnOrigin(origin, host)) {
      done();
      return;
    }
    if (originAllowed(origin)) {
      allowOrigin(reply, origin, request.headers['access-control-request-headers']);
      if (request.method === 'OPTIONS') void reply.status(204).send();
      else done();
    } else if (changing.has(request.method))
      refuse(request, reply, 'ORIGIN_NOT_ALLOWED', `Let pages of "${origin}" call by ALLOWED_ORIGINS.`, done);
    else done();
  });
};

const allowOrigin = (reply: FastifyReply, origin: string, headers: string | undefined): void => {
  reply.raw.setHeader('access-control-allow-origin', origin);
  reply.raw.setHeader('access-control-allow-credentials', 'true');
  reply.raw.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE, OPTIONS');
  reply.raw.setHeader('access-control-allow-headers', headers ?? 'content-type');
  reply.raw.setHeader('vary', 'origin');
};

/** MLflow says it in one line of text, on every path; our own API as a problem. */
const refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  code: keyof typeof refusals,
  remedy: string,
  done: (error?: Error) => void,
): void => {
  if (request.url.startsWith('/api/v1/')) done(new PlatformError(code, `${refusals[code]}. ${remedy}`));
  else void reply.status(403).type('text/plain; charset=utf-8').send(refusals[code]);
};
