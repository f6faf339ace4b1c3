import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '#contracts';

/** The one place where errors get a gRPC status: by the HTTP status that the table of error codes has for them. */
export const grpcStatusOf = (httpStatus: number): status => byHttpStatus[httpStatus] ?? status.INTERNAL;

const byHttpStatus: Record<number, status | undefined> = {
  400: status.INVALID_ARGUMENT,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.FAILED_PRECONDITION,
  413: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** What passes on its own: gRPC's clients that retry are told to wait this long first (gRFC A6), as `Retry-After` says over HTTP. */
export const retryAfterMs = (code: ErrorCode): number | undefined => (passing.has(code) ? 1_000 : undefined);

const passing = new Set<ErrorCode>(['QUEUE_FULL', 'WORKER_LOST', 'MODEL_NOT_READY']);

/**
 * Clients drop a whole answer whose trailers are longer than 8 kB, and a sentence may quote what was sent. A character takes up to
 * 12 bytes there.
 */
const LONGEST_DETAIL = 500;

/** A sentence that fits into the trailers. */
export const grpcDetail = (detail: string): string =>
  (detail.length <= LONGEST_DETAIL ? detail : `${detail.slice(0, LONGEST_DETAIL - 1)}…`).toWellFormed();
