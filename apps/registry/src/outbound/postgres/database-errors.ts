/** Reads the codes of Postgres and of the socket out of what the driver and TypeORM throw. */
const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return '';
  if ('driverError' in error) return codeOf(error.driverError);
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
};

const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'EAI_AGAIN']);

/** The database is away, starting, stopping or full: not the fault of the statement. */
export const isUnavailable = (error: unknown): boolean => {
  const code = codeOf(error);
  if (SOCKET.has(code) || /^(08|53|57P0)/.test(code)) return true;
  if (!(error instanceof Error)) return false;
  // TypeORM gives a broken connection back at once; what follows in the transaction finds it gone.
  if (error.name.includes('AlreadyReleased')) return true;
  return /connection terminated|client has encountered a connection error|not queryable|timeout exceeded when trying to connect/i.test(
    error.message,
  );
};

/** A deadlock or a serialisation failure: the same transaction may well succeed now. */
export const isConflict = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

/** Class 22: a value that Postgres can not hold, such as a NUL in a text or a number out of range. */
export const isUnstorable = (error: unknown): boolean => codeOf(error).startsWith('22');

export const isDuplicate = (error: unknown): boolean => codeOf(error) === '23505';

/** A foreign key names something that is not there. */
export const isUnknownReference = (error: unknown): boolean => codeOf(error) === '23503';

/** A column that is never null was set to null. */
export const isNulled = (error: unknown): boolean => codeOf(error) === '23502';
