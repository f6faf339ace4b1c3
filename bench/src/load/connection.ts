import { connect, type Socket } from 'node:net';

export interface Answer {
  status: number;
  body: string;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * One kept-alive HTTP/1.1 connection, one request at a time. It does as little as a client can: what the generator burns
 * is taken from the servers, which share its cores. It is opened (again) by the first request that finds it closed.
 */
export class Connection {
  private socket: Socket | undefined;
  private received: Buffer[] = [];
  private settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(private readonly url: URL) {}

  /** @throws Error when the connection breaks or no answer comes in time. */
  async request(method: string, path: string, body: string | undefined, timeoutMs: number): Promise<Answer> {
    const socket = this.socket ?? (await this.open());
    const content =
      body === undefined
        ? ''
        : `content-type: application/json\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n`;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    const timer = setTimeout(() => {
      this.fail(new Error(`No answer in ${String(timeoutMs)} ms: ${method} ${path}`));
    }, timeoutMs);
    socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${this.url.host}\r\n${content}\r\n${body ?? ''}`);
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
    this.settle?.resolve({ status: Number(head.slice(9, 12)), body });
    this.settle = undefined;
  }
}

/** Undefined until all of it is there. */
const bodyOf = (head: string, bytes: Buffer): string | undefined => {
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) return bytes.length < Number(length) ? undefined : bytes.toString('utf8');
  if (!head.includes('\r\ntransfer-encoding: chunked')) throw new Error(`An answer without a length:\n${head}`);
  return unchunked(bytes);
};

const unchunked = (bytes: Buffer): string | undefined => {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    if (size === 0) return Buffer.concat(parts).toString('utf8');
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
};
