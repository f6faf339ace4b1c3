import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '#contracts';
import type { Logger } from '../logger.js';
import { PlatformError, messageOf } from '../platform-error.js';
import { problemOf } from './problem.js';

/** What an error's words depend on. */
export type AskedRequest = Pick<FastifyRequest, 'method' | 'url'>;

/**
 * Lets an app answer errors in the words of another protocol (MLflow's `{error_code, message}`, OIP's `{error}`), one
 * function per app, chosen by the request's route. `undefined` leaves the answer as problem+json. `error` is what was thrown.
 */
export type ErrorBody = (
  request: AskedRequest,
  problem: Problem,
  error: unknown,
) => { status?: number; body: object } | undefined;

/** Told of each error before it is answered, to add headers or to note it. */
export type OnError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** The one place where errors become HTTP answers. What nobody foresaw is logged with its stack and answered without. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly errorBody: ErrorBody = () => undefined,
    private readonly onError: OnError = () => undefined,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For errors that come before Nest has the request, such as a URL that can't be decoded. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request;
    // A client that hung up in the middle of its body breaks whatever was reading it; that is no fault of ours.
    const { status, contentType, body } = this.describe(error, request, raw.destroyed && !raw.complete);
    // A stream that broke in the middle of its answer can't be answered again; the client sees the connection end.
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    this.onError(error, request, reply);
    void reply.status(status).header('content-type', contentType).send(body);
  }

  /** The answer itself, and its line in the log: also for what is answered beside Fastify. */
  describe(
    error: unknown,
    request: AskedRequest,
    hungUp = false,
  ): { status: number; contentType: string; body: string } {
    const problem = problemOf(error);
    const own = this.errorBody(request, problem, error);
    const status = own?.status ?? problem.status;
    this.note(error, { ...problem, status }, request, hungUp);
    const contentType = `application/${own === undefined ? 'problem+json' : 'json'}; charset=utf-8`;
    return { status, contentType, body: JSON.stringify(own?.body ?? problem) };
  }

  private note(error: unknown, problem: Problem, { method, url }: AskedRequest, hungUp: boolean): void {
    // What another protocol refuses, or says it does not do, was foreseen too.
    const isFault = problem.status >= 500 && problem.status !== 501;
    const unforeseen = isFault && !hungUp ? 'error' : 'info';
    const level = error instanceof PlatformError ? error.traits.level : unforeseen;
    // Of what another protocol foresaw, the problem knows nothing.
    const said = error instanceof PlatformError ? problem.detail : messageOf(error);
    // Faults of a client are the client's to read; only at `debug` do they fill our log.
    if (level === 'info') this.logger.debug(said, { method, url, code: problem.code });
    else this.logger.log(level, problem.detail, { method, url, code: problem.code, error });
  }
}
