import { PlatformError, messageOf } from '../platform-error.js';

/** Where somebody wanted to listen, and the setting that says so. */
export interface ListenPlace {
  host: string;
  port: number;
  setting: string;
}

/** An error of `listen` as a sentence that says what to change; others as they are. Some libraries keep the code in the message only. */
export const listenError = (error: unknown, { host, port, setting }: ListenPlace): Error => {
  const code =
    error instanceof Error && 'code' in error
      ? String(error.code)
      : /\b(EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND)\b/.exec(messageOf(error))?.[0];
  if (code === 'EADDRINUSE')
    return invalid(
      `Port ${String(port)} is in use: end the process that has it, or set ${setting} to another port.`,
      error,
    );
  if (code === 'EACCES')
    return invalid(`Port ${String(port)} needs rights this process lacks: set ${setting} to a port above 1023.`, error);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return invalid(`This machine has no address ${host}: set HOST.`, error);
  return error instanceof Error ? error : new Error(messageOf(error));
};

const invalid = (detail: string, cause: unknown): PlatformError =>
  new PlatformError('CONFIGURATION_INVALID', detail, cause);
