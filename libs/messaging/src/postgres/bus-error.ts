import { messageOf, PlatformError } from '#runtime';

/**
 * What a failed statement means to a publisher. SQLSTATE class 22 (data exception: a NUL in a text, a broken escape) is the
 * record's fault and will not pass; all else is the database's, and waiting helps.
 */
export const busError = (error: unknown): PlatformError => {
  if (error instanceof PlatformError) return error;
  const state = stateOf(error);
  return state?.startsWith('22') === true
    ? new PlatformError('REQUEST_INVALID', `The record cannot be written: ${messageOf(error)}.`, error)
    : new PlatformError('BUS_UNAVAILABLE', `The Postgres log does not answer: ${messageOf(error)}.`, error);
};

const stateOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
