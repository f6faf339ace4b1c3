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

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
