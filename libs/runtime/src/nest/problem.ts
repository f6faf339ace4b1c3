import { HttpException } from '@nestjs/common';
import { errorCodes, type ErrorCode, type Problem } from '#contracts';
import { PlatformError } from '../platform-error.js';

/** RFC 9457's word for "the code says it all": our codes are the types, the documentation is docs/errors.md. */
const problemType = (code: string): string => `urn:baton:error:${code}`;

const byStatus: Record<number, ErrorCode> = {
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  503: 'SHUTTING_DOWN',
};

/**
 * Says any error as a problem. PlatformErrors take their status from the code table; errors of the web framework
 * (unknown route, unreadable or too large body, wrong content type) keep their own; anything else is 500 `INTERNAL`
 * and tells the client nothing of its inside.
 */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof PlatformError) return say(error.code, error.traits.status, error.detail);
  if (error instanceof HttpException && error.getStatus() < 500) return sayFramework(error.getStatus(), error.message);
  const status = fastifyStatus(error);
  if (status !== undefined) return sayFramework(status, error instanceof Error ? error.message : '');
  return say('INTERNAL', 500, 'Something went wrong inside; the log of this process has the details.');
};

const sayFramework = (status: number, message: string): Problem => {
  const code = byStatus[status] ?? 'REQUEST_INVALID';
  return say(code, status, message === '' ? errorCodes[code].sentence : message);
};

const say = (code: ErrorCode, status: number, detail: string): Problem => ({
  type: problemType(code),
  title: errorCodes[code].sentence,
  status,
  code,
  detail,
});

/** Fastify marks its own errors by `code: 'FST_…'` and a status below 500. */
const fastifyStatus = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('statusCode' in error) || !('code' in error)) return undefined;
  const { statusCode, code } = error;
  const own = typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number';
  return own && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
};
