type Headers = Readonly<Partial<Record<string, string>>>;

/** What is read of a request's head; everything else in it has no meaning for the hot routes. */
export interface RequestHead {
  /** As it was sent: path and query. */
  target: string;
  /** Where the body begins. */
  bodyAt: number;
  bodyLength: number;
  /** The client wants the connection closed after the answer. */
  close: boolean;
  headers: Headers;
}

/** Node refuses longer heads, too. */
const MAX_HEAD = 16_384;
const END = '\r\n\r\n';

/** Complete header lines and nothing but them: no line folded, no character that is not one of HTTP's. */
const HEADER_LINES = /^(?:\r\n[!#$%&'*+.^_`|~\dA-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)+$/;
const HEADER_LINE = /\r\n([^:]+):[\t ]*([^\r]*)/g;

/** What Fastify takes for a content type, or none; it refuses others. */
const CONTENT_TYPE = /^(?:[\w.+-]+\/[\w.+-]+(?:;[ \t\w.+="-]*)?)?$/;

/** Read by the hot routes; each may come once. */
const read: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'connection',
  'content-type',
  'inference-header-content-length',
  'x-request-id',
  'traceparent',
]);
/** With these a request is another one than it seems: they are for Node's own server. */
const unread: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'content-encoding',
  'expect',
  'upgrade',
  'trailer',
  'te',
  'http2-settings',
]);

/**
 * Reads the head of a plain `POST` with a known length of body. All that is unusual in any way, or not wholly there, is
 * `undefined`: then Node's own HTTP server is to read it, from its first byte on. So nothing is ever read in two ways.
 */
export const readRequestHead = (bytes: Buffer): RequestHead | undefined => {
  const text = bytes.toString('latin1', 0, MAX_HEAD);
  if (!text.startsWith('POST /')) return undefined;
  const end = text.indexOf(END);
  const lineEnd = text.indexOf('\r\n');
  if (end === -1 || text.slice(lineEnd - 9, lineEnd) !== ' HTTP/1.1') return undefined;
  const target = text.slice(5, lineEnd - 9);
  const headers = readHeaders(text.slice(lineEnd, end));
  if (headers === undefined || !/^[!-~]+$/.test(target)) return undefined;
  const length = headers['content-length'];
  const connection = headers.connection?.toLowerCase();
  if (headers.host === undefined || length === undefined || !/^\d{1,9}$/.test(length)) return undefined;
  if (!CONTENT_TYPE.test(headers['content-type'] ?? '')) return undefined;
  if (connection !== undefined && connection !== 'keep-alive' && connection !== 'close') return undefined;
  return { target, bodyAt: end + END.length, bodyLength: Number(length), close: connection === 'close', headers };
};

const readHeaders = (lines: string): Headers | undefined => {
  if (!HEADER_LINES.test(lines)) return undefined;
  const headers: Partial<Record<string, string>> = {};
  for (const [, written, value] of lines.matchAll(HEADER_LINE)) {
    const name = written.toLowerCase();
    if (unread.has(name)) return undefined;
    if (!read.has(name)) continue;
    if (headers[name] !== undefined) return undefined;
    headers[name] = value.trimEnd();
  }
  return headers;
};
