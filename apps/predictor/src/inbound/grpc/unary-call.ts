import { Metadata, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { PlatformError, type Logger } from '#runtime';
import { problemOf } from '#runtime/nest';
import type { Asker } from '../../core/model-host.js';
import { grpcDetail, grpcStatusOf, retryAfterMs } from './grpc-status.js';

/** Which version answers; on every answer, errors of that version included. */
const VERSION_KEY = 'x-model-version';

/** One call on its way: who waits for it, and what its answer says beside the message. */
export class UnaryCall implements Asker {
  readonly metadata = new Metadata();

  constructor(private readonly call: ServerUnaryCall<Buffer, Buffer>) {}

  /** The client hung up, or its deadline has passed. */
  get destroyed(): boolean {
    return this.call.cancelled;
  }

  answersFor({ version }: { version: number }): void {
    this.metadata.set(VERSION_KEY, String(version));
  }
}

/** Answers the bytes of one message by the bytes of another. */
export type UnaryMethod = (message: Buffer, call: UnaryCall) => Buffer | Promise<Buffer>;

/** The frame of every method: what it throws becomes a status, and nobody's fault but ours is logged as one. */
export const unary =
  (path: string, method: UnaryMethod, logger: Logger) =>
  (serverCall: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>): void => {
    const call = new UnaryCall(serverCall);
    const answer = async (): Promise<void> => {
      try {
        const message = await method(serverCall.request, call);
        serverCall.sendMetadata(call.metadata);
        respond(null, message);
      } catch (error) {
        refuse(error, call, path, respond, logger);
      }
    };
    void answer();
  };

const refuse = (
  error: unknown,
  { metadata }: UnaryCall,
  path: string,
  respond: sendUnaryData<Buffer>,
  logger: Logger,
): void => {
  const { status, detail, code } = problemOf(error);
  const level = error instanceof PlatformError ? error.traits.level : 'error';
  // Faults of a client are the client's to read; only at `debug` do they fill our log.
  if (level === 'info') logger.debug(detail, { method: path, code });
  else logger.log(level, detail, { method: path, code, error });
  if (error instanceof PlatformError) {
    const waitMs = retryAfterMs(error.code);
    if (waitMs !== undefined) metadata.set('grpc-retry-pushback-ms', String(waitMs));
  }
  respond({ code: grpcStatusOf(status), details: grpcDetail(detail), metadata });
};
