import { PlatformError } from '#runtime';

/** After so many seconds a retry may find room, a new worker, or the model. */
const RETRY_AFTER_S = '1';
const worthARetry: ReadonlySet<string> = new Set(['QUEUE_FULL', 'WORKER_LOST', 'MODEL_NOT_READY']);

/** The value of `Retry-After` for an error; undefined where coming again soon is no use. */
export const retryAfterOf = (error: unknown): string | undefined =>
  error instanceof PlatformError && worthARetry.has(error.code) ? RETRY_AFTER_S : undefined;
