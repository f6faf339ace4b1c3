import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PlatformError } from '#runtime';
import type { HttpErrorFilter } from '#runtime/nest';
import type { AccessLog } from '../access-log.js';
import type { HotCall, HotCalls } from '../hot-calls.js';
import { requestIdOf, traceOf } from '../request-marks.js';
import { retryAfterOf } from '../retry-after.js';
import { FastConnection, type FastRequest } from './fast-connection.js';
import { rememberTargets } from './hot-target.js';
import { KEEP_ALIVE_S, writeAnswer, type WireAnswer } from './write-answer.js';

export interface FastHttpParts {
  calls: HotCalls;
  errors: HttpErrorFilter;
  log: AccessLog;
  bodyLimitBytes: number;
}

/** Puts `FastHttp` in front of an app's server, and ends it with the app. */
export const answerPlainRequests = (app: NestFastifyApplication, parts: FastHttpParts): void => {
  const fastify = app.getHttpAdapter().getInstance();
  const fast = new FastHttp(fastify.server, parts);
  fastify.addHook('preClose', (done) => {
    fast.close();
    done();
  });
};

/** Larger bodies are Node's to read: what they cost is not in the head. */
const MAX_BODY = 1024 * 1024;
const SWEEP_MS = 1_000;
/** The rest of a request that has not come by then is Node's to wait for, which has its own limits. */
const PARTIAL_MS = 3_000;

/**
 * Answers plain requests to the hot routes below Node's HTTP server, whose streams, header objects and events cost more than all
 * that a small model needs. Every other request, and whatever is unusual in any way, goes to Node's server as if this were not here.
 */
export class FastHttp {
  private readonly connections = new Set<FastConnection>();
  private readonly targetOf = rememberTargets();
  private readonly others: ((socket: Socket) => void)[];
  private readonly sweeping: NodeJS.Timeout;
  private closing = false;

  constructor(
    private readonly server: Server,
    private readonly parts: FastHttpParts,
  ) {
    this.others = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      this.accept(socket);
    });
    this.sweeping = setInterval(() => {
      this.sweep();
    }, SWEEP_MS).unref();
    server.once('close', () => {
      clearInterval(this.sweeping);
    });
  }

  /** Running requests are answered, and their connections closed; idle ones are closed at once, and partial ones are Node's to wait for. */
  close(): void {
    this.closing = true;
    this.sweep();
  }

  private accept(socket: Socket): void {
    this.connections.add(
      new FastConnection(socket, {
        maxBody: Math.min(this.parts.bodyLimitBytes, MAX_BODY),
        targetOf: this.targetOf,
        answer: (request) => this.answer(request),
        handOver: (other) => {
          for (const listener of this.others) listener.call(this.server, other);
        },
        ended: (connection) => this.connections.delete(connection),
      }),
    );
  }

  private sweep(): void {
    const now = performance.now();
    for (const connection of this.connections) {
      const waitedMs = now - connection.sinceMs;
      if (connection.partial && (this.closing || waitedMs > PARTIAL_MS)) connection.handOver();
      else if (connection.idle && (this.closing || waitedMs > KEEP_ALIVE_S * 1000)) connection.destroy();
    }
  }

  private async answer(request: FastRequest): Promise<void> {
    const { target, head, body, socket, asker } = request;
    const trace = traceOf(head.headers.traceparent);
    const requestId = requestIdOf(head.headers['x-request-id']);
    let version: string | undefined;
    const call: HotCall = {
      name: target.name,
      version: target.version,
      query: target.query,
      headers: head.headers,
      body,
      asker,
      acceptedBy: (promoted) => (version = String(promoted.version)),
    };
    let answer: Pick<WireAnswer, 'status' | 'contentType' | 'body' | 'jsonLength' | 'retryAfter'>;
    let code: string | undefined;
    try {
      const made = await (target.kind === 'infer' ? this.parts.calls.infer(call) : this.parts.calls.records(call));
      answer = { status: 200, contentType: made.jsonLength === undefined ? JSON_TYPE : BYTES_TYPE, ...made };
    } catch (error) {
      answer = {
        ...this.parts.errors.describe(error, { method: 'POST', url: head.target }),
        retryAfter: retryAfterOf(error),
      };
      if (error instanceof PlatformError) code = error.code;
    }
    const hungUp = asker.destroyed;
    const close = head.close || this.closing;
    if (!hungUp) writeAnswer(socket, { ...answer, version, requestId, traceparent: trace?.traceparent, close });
    if (close) socket.destroySoon();
    const status = hungUp ? 499 : answer.status;
    if (!this.parts.log.wants(status)) return;
    const tookMs = performance.now() - request.startMs;
    const marks = { requestId, traceId: trace?.traceId, version, code };
    this.parts.log.say({ method: 'POST', url: head.target, status, tookMs, ...marks });
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';
