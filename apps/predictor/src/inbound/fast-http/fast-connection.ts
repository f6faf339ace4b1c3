import type { Socket } from 'node:net';
import type { Asker } from '../../core/model-host.js';
import { readRequestHead, type RequestHead } from './request-head.js';
import type { HotTarget } from './hot-target.js';

/** A whole request of a hot route. */
export interface FastRequest {
  target: HotTarget;
  head: RequestHead;
  body: Buffer;
  socket: Socket;
  asker: Asker;
  startMs: number;
}

export interface FastConnectionParts {
  /** Requests with larger bodies are handed over. */
  readonly maxBody: number;
  targetOf(target: string): HotTarget | undefined;
  /** Writes the answer to the socket; never rejects. */
  answer(request: FastRequest): Promise<void>;
  /** Gives the socket to Node's own server; what was read of it is put back before. */
  handOver(socket: Socket): void;
  ended(connection: FastConnection): void;
}

/** So much of the requests behind the one being answered is read: who reads nothing does not notice that the client hangs up. */
const MAX_AHEAD = 64 * 1024;
/** What Node answers to a request that ends before it is whole. */
const CUT_OFF = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

/**
 * Answers the hot routes on one connection, one request after the other, as long as each is plain. At the first that is not, the
 * connection becomes one of Node's own HTTP server for good, with every byte that was not answered yet.
 */
export class FastConnection implements Asker {
  /** Since when it waits for the client: for a request, or for the rest of one. */
  sinceMs = performance.now();
  private parts: Buffer[] = [];
  private length = 0;
  private head: RequestHead | undefined;
  private target: HotTarget | undefined;
  private busy = false;
  private readonly listeners: [string, (...args: never[]) => void][];

  constructor(
    private readonly socket: Socket,
    private readonly owner: FastConnectionParts,
  ) {
    this.listeners = [
      ['data', this.hear],
      ['end', this.hangUp],
      ['drain', this.proceed],
      ['error', this.ignore],
      ['close', this.leave],
    ];
    for (const [event, listener] of this.listeners) socket.on(event, listener as (...args: unknown[]) => void);
  }

  /** Nothing is being answered, and nothing of a request has come. */
  get idle(): boolean {
    return !this.busy && this.length === 0;
  }

  /** A part of a request has come, and the rest has not. */
  get partial(): boolean {
    return !this.busy && this.length > 0;
  }

  /** The client has hung up, or its last answer is written: nothing can be answered any more. */
  get destroyed(): boolean {
    return this.socket.destroyed || this.socket.writableEnded;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** From here on the connection is none of ours. */
  handOver(): void {
    this.leave();
    const { socket } = this;
    for (const [event, listener] of this.listeners)
      socket.removeListener(event, listener as (...args: unknown[]) => void);
    socket.pause();
    if (this.length > 0) socket.unshift(Buffer.concat(this.parts));
    this.owner.handOver(socket);
    socket.resume();
  }

  private readonly hear = (chunk: Buffer): void => {
    if (this.destroyed) return;
    this.parts.push(chunk);
    this.length += chunk.length;
    // The next request comes before the answer to this one, or before it was read: it waits.
    if (!this.busy && !this.socket.writableNeedDrain) this.work();
    else if (this.length > MAX_AHEAD) this.socket.pause();
  };

  private work(): void {
    if (this.head === undefined) {
      if (this.parts.length > 1) this.parts = [Buffer.concat(this.parts)];
      this.head = readRequestHead(this.parts[0]);
      this.target = this.head && this.owner.targetOf(this.head.target);
      this.sinceMs = performance.now();
    }
    const { head, target } = this;
    if (head === undefined || target === undefined || head.bodyLength > this.owner.maxBody) {
      this.handOver();
      return;
    }
    const end = head.bodyAt + head.bodyLength;
    if (this.length < end) {
      this.socket.resume();
      return;
    }
    const bytes = this.parts.length === 1 ? this.parts[0] : Buffer.concat(this.parts);
    this.parts = bytes.length > end ? [bytes.subarray(end)] : [];
    this.length = bytes.length - end;
    this.head = undefined;
    this.busy = true;
    if (this.length <= MAX_AHEAD) this.socket.resume();
    const { socket } = this;
    const body = bytes.subarray(head.bodyAt, end);
    void this.owner.answer({ target, head, body, socket, asker: this, startMs: performance.now() }).then(this.answered);
  }

  private readonly answered = (): void => {
    this.busy = false;
    this.sinceMs = performance.now();
    this.proceed();
  };

  /** Goes on with what has come meanwhile, once the client has taken what it was answered. */
  private readonly proceed = (): void => {
    if (this.busy || this.socket.writableNeedDrain || this.destroyed) return;
    if (this.length > 0) this.work();
    else this.socket.resume();
  };

  /**
   * Who closes a connection and who only says that nothing more is coming look the same from here. Both are taken for gone, as by
   * Node's server: written answers go out, and whatever is asked still is dropped.
   */
  private readonly hangUp = (): void => {
    if (this.partial && !this.socket.writableNeedDrain) this.socket.end(CUT_OFF);
    else this.socket.end();
    this.parts = [];
    this.length = 0;
  };

  /** A connection that breaks is closed; whoever waited for it has hung up. */
  private readonly ignore = (): void => undefined;

  private readonly leave = (): void => {
    this.owner.ended(this);
  };
}
