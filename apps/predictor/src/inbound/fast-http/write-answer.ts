import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { VERSION_HEADER } from '../version-header.js';

/** An answer as the socket needs it. */
export interface WireAnswer {
  status: number;
  contentType: string;
  body: string | Uint8Array;
  jsonLength?: number | undefined;
  version: string | undefined;
  requestId: string;
  traceparent: string | undefined;
  retryAfter?: string | undefined;
  close: boolean;
}

/** Seconds for which a silent connection is kept; Fastify's own number. */
export const KEEP_ALIVE_S = 72;

/** Writes head and body in one go: a second write would be a second system call, and a second packet. */
export const writeAnswer = (socket: Socket, answer: WireAnswer): void => {
  const { body } = answer;
  if (typeof body === 'string') {
    socket.write(headOf(answer, Buffer.byteLength(body)) + body);
    return;
  }
  socket.cork();
  socket.write(headOf(answer, body.byteLength), 'latin1');
  socket.write(body);
  socket.uncork();
};

const headOf = (answer: WireAnswer, length: number): string => {
  const { status, contentType, version, jsonLength, traceparent, retryAfter } = answer;
  let head = `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? 'Unknown'}\r\ncontent-type: ${contentType}\r\n`;
  head += `content-length: ${String(length)}\r\nx-request-id: ${answer.requestId}\r\n`;
  if (version !== undefined) head += `${VERSION_HEADER}: ${version}\r\n`;
  if (jsonLength !== undefined) head += `inference-header-content-length: ${String(jsonLength)}\r\n`;
  if (traceparent !== undefined) head += `traceparent: ${traceparent}\r\n`;
  if (retryAfter !== undefined) head += `retry-after: ${retryAfter}\r\n`;
  return `${head}date: ${now()}\r\n${answer.close ? CLOSE : KEEP_ALIVE}\r\n\r\n`;
};

const CLOSE = 'connection: close';
const KEEP_ALIVE = `connection: keep-alive\r\nkeep-alive: timeout=${String(KEEP_ALIVE_S)}`;

let second = 0;
let written = '';

/** The date in HTTP's words, made once a second. */
const now = (): string => {
  const current = Math.floor(Date.now() / 1000);
  if (current !== second) {
    second = current;
    written = new Date(current * 1000).toUTCString();
  }
  return written;
};
