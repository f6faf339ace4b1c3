import { messageOf, PlatformError } from '#runtime';

/** SQLSTATE classes and codes of a server that is away, starting, stopping or full. */
const AWAY = /^(08|53|57P|58)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** SQLSTATE class 22: a value that Postgres can not hold, such as a NUL in a text. No wait cures it. */
const UNSTORABLE = /^22/;

/** Names the faults that waiting cures `DATABASE_UNAVAILABLE`, and values that cannot be kept `REQUEST_INVALID`; others pass as they are. */
export const databaseError = (error: unknown): unknown => {
  if (isAway(error)) return new PlatformError('DATABASE_UNAVAILABLE', undefined, error);
  if (UNSTORABLE.test(codeOf(error)))
    return new PlatformError('REQUEST_INVALID', `A value cannot be stored: ${messageOf(error)}.`, error);
  return error;
};

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return '';
  if ('driverError' in error && error.driverError !== error) return codeOf(error.driverError);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
};

const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isAway);
  const { code, driverError } = error as Error & { code?: unknown; driverError?: unknown };
  if (driverError !== undefined && driverError !== error) return isAway(driverError);
  // TypeORM gives a broken connection back at once; what follows in the transaction finds it gone.
  if (error.name.includes('AlreadyReleased')) return true;
  if (typeof code === 'string') return AWAY.test(code) || NETWORK.has(code);
  return /connection (terminated|timeout)|timeout exceeded when trying to connect|not queryable|Driver not Connected/i.test(
    error.message,
  );
};
