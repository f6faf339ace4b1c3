import type { LoggerService } from '@nestjs/common';
import type { Logger, LogLevel } from '../logger.js';

/** Nest's own words in our log. Its start-up chatter (a line per route and module) is `debug` here. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.pass('debug', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.pass('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.pass('debug', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.pass('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.pass('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.pass('error', message, rest);
  }

  /** Nest passes `(message, [stack], context)`; the message may be an error or an object. */
  private pass(level: LogLevel, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const facts: Record<string, unknown> = {
      ...(typeof context === 'string' && { nest: context }),
      ...(rest.length > 1 && typeof rest[0] === 'string' && { stack: rest[0] }),
    };
    if (message instanceof Error) this.logger.log(level, message.message, { ...facts, error: message });
    else this.logger.log(level, typeof message === 'string' ? message : JSON.stringify(message), facts);
  }
}
