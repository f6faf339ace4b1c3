import { errorCodes, type ErrorCode, type ErrorTraits } from '#contracts';

/** An error with a stable code. `detail` is a sentence that tells the user what to change; `cause` is for the log. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: string = errorCodes[code].sentence,
    cause?: unknown,
  ) {
    super(`${code}: ${detail}`, { cause });
  }

  get traits(): ErrorTraits {
    return errorCodes[this.code];
  }
}

/** The message of anything that was thrown; never empty (a refused connection to `localhost` comes as an AggregateError without one). */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError) return [...new Set(error.errors.map(messageOf))].join('; ') || error.name;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
