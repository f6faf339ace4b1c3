import { connect, type Socket } from 'node:net';
import {
  dataFrames,
  FIRST_WINDOW,
  flag,
  frame,
  frameAt,
  frameType,
  HEAD_BYTES,
  headerBlocks,
  initialWindowIn,
  opening,
  windowUpdate,
  type Frame,
} from './http2-frames.js';

/** So much may come before the server is told that it was taken. */
const TOLD_EVERY_BYTES = 2 ** 30;
/** Before a message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

interface Call {
  stream: number;
  what: string;
  parts: Buffer[];
  resolve: (message: Buffer) => void;
  reject: (error: Error) => void;
}

/** A message as gRPC sends it, to be kept by whoever sends the same again and again. */
export const grpcMessage = (bytes: Buffer): Buffer => {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
};

/**
 * One connection for unary calls of one method, one call at a time, that does as little as a client can: what the generator burns is
 * taken from the servers, which share its cores. It is opened (again) by the first call that finds it closed.
 */
export class GrpcConnection {
  private socket: Socket | undefined;
  private received: Buffer = Buffer.alloc(0);
  private receivedBytes = 0;
  private call: Call | undefined;
  private nextStream = 1;
  private waiting: Buffer[] = [];
  private windowBytes = FIRST_WINDOW;
  private streamWindowBytes = FIRST_WINDOW;
  private initialWindowBytes = FIRST_WINDOW;
  private readonly blocks: { first: Buffer; later: Buffer };

  constructor(
    private readonly address: string,
    path: string,
  ) {
    this.blocks = headerBlocks(address, path);
  }

  /** @param message made by `grpcMessage` @throws Error, naming `what`, when there is no answer, or one without a message. */
  async send(message: Buffer, what: string, timeoutMs: number): Promise<Buffer> {
    const socket = this.socket ?? (await this.open());
    const stream = this.nextStream;
    this.nextStream += 2;
    const answer = new Promise<Buffer>((resolve, reject) => {
      this.call = { stream, what, parts: [], resolve, reject };
    });
    const timer = setTimeout(() => {
      this.fail(new Error(`No answer in ${String(timeoutMs)} ms: ${what}`));
    }, timeoutMs);
    const payload = stream === 1 ? this.blocks.first : this.blocks.later;
    this.streamWindowBytes = this.initialWindowBytes;
    this.waiting = dataFrames(stream, message);
    socket.cork();
    socket.write(frame({ type: frameType.headers, flags: flag.endHeaders, stream, payload }));
    this.flush();
    socket.uncork();
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
    const { hostname, port } = new URL(`http://${this.address}`);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.once('connect', () => {
        this.socket = socket;
        this.nextStream = 1;
        [this.windowBytes, this.initialWindowBytes, this.receivedBytes] = [FIRST_WINDOW, FIRST_WINDOW, 0];
        socket.write(opening());
        resolve(socket);
      });
      socket.on('data', (chunk) => {
        this.hear(chunk);
      });
      socket.on('error', (error) => {
        reject(error);
        this.fail(error);
      });
      socket.on('close', () => {
        if (this.socket === socket) this.fail(new Error('The server closed the connection.'));
      });
    });
  }

  private fail(error: Error): void {
    this.close();
    this.received = Buffer.alloc(0);
    this.call?.reject(error);
    this.call = undefined;
  }

  /** Frames are sent whole, as far as the server takes them now. */
  private flush(): void {
    for (let next = this.waiting.at(0); next !== undefined; next = this.waiting.at(0)) {
      const bytes = next.length - HEAD_BYTES;
      if (bytes > Math.min(this.windowBytes, this.streamWindowBytes)) return;
      this.windowBytes -= bytes;
      this.streamWindowBytes -= bytes;
      this.socket?.write(next);
      this.waiting.shift();
    }
  }

  private hear(chunk: Buffer): void {
    const bytes = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    let at = 0;
    for (let next = frameAt(bytes, at); next !== undefined; next = frameAt(bytes, at)) {
      at += HEAD_BYTES + next.payload.length;
      this.take(next);
    }
    this.received = bytes.subarray(at);
  }

  private take({ type, flags, stream, payload }: Frame): void {
    const { call } = this;
    if (type === frameType.data) this.count(payload.length);
    if (type === frameType.settings && (flags & flag.ack) === 0) {
      this.settle(payload);
    } else if (type === frameType.windowUpdate) {
      if (stream === 0) this.windowBytes += payload.readUInt32BE();
      else if (stream === call?.stream) this.streamWindowBytes += payload.readUInt32BE();
      this.flush();
    } else if (type === frameType.ping && (flags & flag.ack) === 0)
      this.socket?.write(frame({ type, flags: flag.ack, stream: 0, payload }));
    else if (type === frameType.goAway) this.fail(new Error('The server leaves.'));
    if (call === undefined || stream !== call.stream) return;
    if (type === frameType.data) {
      if ((flags & flag.padded) !== 0) this.fail(new Error('The generator does not read padded frames.'));
      call.parts.push(payload);
    }
    if (type === frameType.reset) this.end(call, `reset with code ${String(payload.readUInt32BE())}`);
    else if ((type === frameType.headers || type === frameType.data) && (flags & flag.endStream) !== 0) this.end(call);
  }

  private settle(settings: Buffer): void {
    const window = initialWindowIn(settings) ?? this.initialWindowBytes;
    this.streamWindowBytes += window - this.initialWindowBytes;
    this.initialWindowBytes = window;
    this.socket?.write(frame({ type: frameType.settings, flags: flag.ack, stream: 0, payload: Buffer.alloc(0) }));
    this.flush();
  }

  private count(bytes: number): void {
    this.receivedBytes += bytes;
    if (this.receivedBytes < TOLD_EVERY_BYTES) return;
    this.socket?.write(windowUpdate(this.receivedBytes));
    this.receivedBytes = 0;
  }

  /** A call that failed has no message: its status, in trailers that are not read here, is another than OK. */
  private end({ what, parts, resolve, reject }: Call, fault = 'refused'): void {
    this.call = undefined;
    this.waiting = [];
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const isWhole = bytes.length >= PREFIX_BYTES && bytes.length === PREFIX_BYTES + bytes.readUInt32BE(1);
    if (isWhole && bytes[0] === 0) resolve(bytes.subarray(PREFIX_BYTES));
    else reject(new Error(`${what}: ${fault}, with ${String(bytes.length)} bytes.`));
  }
}
