import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpErrorFilter } from './http-error.filter.js';

/** What Node's parser says of bytes that are no request: nobody is asked by them, and no route answers. */
interface ClientError extends Error {
  code?: string;
  /** What it was reading when it gave up: bytes, whatever the types of Fastify say. */
  rawPacket?: unknown;
}

/** Marked as Fastify marks its own errors, so that it is said in the same way. */
class UnreadableRequest extends Error {
  readonly code = 'FST_UNREADABLE_REQUEST';

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Answers what Node's HTTP parser refuses, in the words of the route that was asked as far as that can be seen. */
export const answerClientErrors =
  (errors: HttpErrorFilter) =>
  (error: ClientError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [, method = 'GET', url = '/'] = /^([A-Z]+) (\S+)/.exec(firstLineOf(error)) ?? [];
    const { status, contentType, body } = errors.describe(unreadable(error), { method, url });
    const head = [
      `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? 'Unknown'}`,
      `content-type: ${contentType}`,
      `content-length: ${String(Buffer.byteLength(body))}`,
      'connection: close',
    ];
    socket.on('error', () => undefined);
    // What still comes is read and dropped: a socket that is closed with bytes unread takes the answer along.
    socket.resume().end(`${head.join('\r\n')}\r\n\r\n${body}`);
    setTimeout(() => {
      socket.destroy();
    }, LINGER_MS).unref();
  };

/** For the answer to be read. */
const LINGER_MS = 1_000;

const unreadable = ({ code }: ClientError): UnreadableRequest => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new UnreadableRequest(431, 'The headers are larger than the 16 KiB that are read; send shorter ones.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new UnreadableRequest(408, 'The request did not come whole in time; send it at once.');
  return new UnreadableRequest(400, 'What was sent is no HTTP request.');
};

/** Long enough for a method and a path. */
const LONGEST_LINE = 2_048;

const firstLineOf = ({ rawPacket }: ClientError): string =>
  rawPacket instanceof Uint8Array
    ? Buffer.from(rawPacket.subarray(0, LONGEST_LINE)).toString('latin1').split('\r\n')[0]
    : '';
