import { PlatformError } from '#runtime';

/** SQLSTATE classes and codes of a server that is away, starting, stopping or full. */
const AWAY = /^(08|53|57P|58)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Names the faults that waiting cures `DATABASE_UNAVAILABLE`; others pass as they are. */
export const databaseError = (error: unknown): unknown =>
  isAway(error) ? new PlatformError('DATABASE_UNAVAILABLE', undefined, error) : error;

const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isAway);
  const { code, driverError } = error as Error & { code?: unknown; driverError?: unknown };
  if (driverError !== undefined && driverError !== error) return isAway(driverError);
  if (typeof code === 'string') return AWAY.test(code) || NETWORK.has(code);
  return /connection (terminated|timeout)|timeout exceeded when trying to connect|not queryable|Driver not Connected/i.test(
    error.message,
  );
};
