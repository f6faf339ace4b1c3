import { connect, type Socket } from 'node:net';
import type { LoadRequest } from './workloads.js';

export interface Answer {
  status: number;
  /** Status line and headers in lower case. */
  head: string;
  body: Buffer;
}

/** A request as it goes over the wire; to be kept by whoever sends the same again and again. */
export const wireOf = ({ method, path, body, headers }: LoadRequest, { host }: URL): string | Buffer => {
  const lines = Object.entries({
    host,
    ...(body !== undefined && {
      ...(headers ?? { 'content-type': 'application/json' }),
      'content-length': String(Buffer.byteLength(body)),
    }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  return body instanceof Uint8Array ? Buffer.concat([Buffer.from(head), body]) : head + (body ?? '');
};

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * One kept-alive HTTP/1.1 connection, one request at a time. It does as little as a client can: what the generator burns
 * is taken from the servers, which share its cores. It is opened (again) by the first request that finds it closed.
 */
export class Connection {
  private socket: Socket | undefined;
  private received: Buffer[] = [];
  private settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(readonly url: URL) {}

  /** @throws Error, naming `what`, when the connection breaks or no answer comes in time. */
  async send(wire: string | Buffer, what: string, timeoutMs: number): Promise<Answer> {
    const socket = this.socket ?? (await this.open());
    const answer = new Promise<Answer>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    const timer = setTimeout(() => {
      this.fail(new Error(`No answer in ${String(timeoutMs)} ms: ${what}`));
    }, timeoutMs);
    socket.write(wire);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true });
      socket.once('connect', () => {
        this.socket = socket;
        resolve(socket);
      });
      socket.on('data', (chunk) => {
        this.received.push(chunk);
        this.read();
      });
      socket.on('error', (error) => {
        reject(error);
        this.fail(error);
      });
      socket.on('close', () => {
        this.fail(new Error('The server closed the connection.'));
      });
    });
  }

  private fail(error: Error): void {
    this.close();
    this.received = [];
    this.settle?.reject(error);
    this.settle = undefined;
  }

  private read(): void {
    const bytes = this.received.length === 1 ? this.received[0] : Buffer.concat(this.received);
    this.received = [bytes];
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end).toLowerCase();
    const body = bodyOf(head, bytes.subarray(end + END_OF_HEAD.length));
    if (body === undefined) return;
    this.received = [];
    if (head.includes('\r\nconnection: close')) this.close();
    this.settle?.resolve({ status: Number(head.slice(9, 12)), head, body });
    this.settle = undefined;
  }
}

/** Undefined until all of it is there. */
const bodyOf = (head: string, bytes: Buffer): Buffer | undefined => {
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) return bytes.length < Number(length) ? undefined : bytes;
  if (!head.includes('\r\ntransfer-encoding: chunked')) throw new Error(`An answer without a length:\n${head}`);
  return unchunked(bytes);
};

const unchunked = (bytes: Buffer): Buffer | undefined => {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
};
