import { Metadata, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { PlatformError, type Logger } from '#runtime';
import { problemOf } from '#runtime/nest';
import type { Asker } from '../../core/model-host.js';
import type { AccessLog } from '../access-log.js';
import { requestIdOf, traceOf } from '../request-marks.js';
import { VERSION_HEADER } from '../version-header.js';
import { grpcDetail, grpcStatusOf, retryAfterMs } from './grpc-status.js';

/** One call on its way: who waits for it, and what its answer says beside the message, which is what HTTP's headers say. */
export class UnaryCall implements Asker {
  readonly metadata = new Metadata();
  readonly requestId: string;
  readonly traceId: string | undefined;
  private answering: string | undefined;

  constructor(private readonly call: ServerUnaryCall<Buffer, Buffer>) {
    this.requestId = requestIdOf(this.told('x-request-id'));
    this.metadata.set('x-request-id', this.requestId);
    const trace = traceOf(this.told('traceparent'));
    this.traceId = trace?.traceId;
    if (trace !== undefined) this.metadata.set('traceparent', trace.traceparent);
  }

  /** The client hung up, or its deadline has passed. */
  get destroyed(): boolean {
    return this.call.cancelled;
  }

  /** The version that answers, or should have. */
  get version(): string | undefined {
    return this.answering;
  }

  answersFor({ version }: { version: number }): void {
    this.answering = String(version);
    this.metadata.set(VERSION_HEADER, this.answering);
  }

  private told(key: string): string | undefined {
    const [text] = this.call.metadata.get(key);
    return typeof text === 'string' ? text : undefined;
  }
}

/** Answers the bytes of one message by the bytes of another. */
export type UnaryMethod = (message: Buffer, call: UnaryCall) => Buffer | Promise<Buffer>;

export interface Logs {
  logger: Logger;
  access: AccessLog;
}

/** The frame of every method: what it throws becomes a status, and nobody's fault but ours is logged as one. */
export const unary =
  (path: string, method: UnaryMethod, { logger, access }: Logs) =>
  (serverCall: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>): void => {
    const startMs = performance.now();
    const call = new UnaryCall(serverCall);
    const { requestId, traceId, metadata } = call;
    const over = (status: number, code?: string): void => {
      if (!access.wants(status)) return;
      const tookMs = performance.now() - startMs;
      access.say({ method: 'gRPC', url: path, status, tookMs, requestId, traceId, version: call.version, code });
    };
    const answer = async (): Promise<void> => {
      try {
        const message = await method(serverCall.request, call);
        serverCall.sendMetadata(metadata);
        respond(null, message);
        over(call.destroyed ? CLIENT_GONE : 200);
      } catch (error) {
        const { status, detail, code } = problemOf(error);
        note(error, { path, detail, code }, logger);
        const waitMs = error instanceof PlatformError ? retryAfterMs(error.code) : undefined;
        if (waitMs !== undefined) metadata.set('grpc-retry-pushback-ms', String(waitMs));
        respond({ code: grpcStatusOf(status), details: grpcDetail(detail), metadata });
        over(call.destroyed ? CLIENT_GONE : status, code);
      }
    };
    void answer();
  };

/** As the access log counts those who hung up. */
const CLIENT_GONE = 499;

/** Faults of a client are the client's to read; only at `debug` do they fill our log. */
const note = (error: unknown, said: { path: string; detail: string; code: string }, logger: Logger): void => {
  const { path, detail, code } = said;
  const level = error instanceof PlatformError ? error.traits.level : 'error';
  if (level === 'info') logger.debug(detail, { method: path, code });
  else logger.log(level, detail, { method: path, code, error });
};
