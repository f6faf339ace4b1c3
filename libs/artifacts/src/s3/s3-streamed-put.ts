import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { S3Error } from 'minio';
import { chunksOf } from '../gathered.js';
import { SILENT_MS, silent } from './s3-client.js';
import type { S3Settings } from './s3-settings.js';
import { ChunkSigner, chunkedLength, strictlyEscaped } from './s3-signature.js';

/** What one signature covers. Small enough for many uploads at a time, large enough that signing costs nothing. */
const CHUNK_BYTES = 512 * 1024;

export interface Target {
  object: string;
  /** What makes it a part of a multipart upload. */
  query?: Record<string, string>;
}

/**
 * PUTs a known number of bytes as they come: no more than one chunk is ever held. The client's own PUT signs the digest of
 * the whole body, which would have to be in memory first. A body that breaks off leaves nothing.
 * @returns the ETag
 */
export const streamedPut = async (
  settings: S3Settings,
  { object, query = {} }: Target,
  chunks: AsyncIterable<Buffer>,
  sizeBytes: number,
): Promise<string> => {
  const { protocol, host, hostname, port } = new URL(settings.endpoint);
  const signer = new ChunkSigner(settings, new Date().toISOString().replace(/[-:]|\.\d+/g, ''));
  const path = `/${settings.bucket}/${object}`.split('/').map(strictlyEscaped).join('/');
  const search = Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${strictlyEscaped(value)}`)
    .join('&');
  const headers = signer.sign({
    path,
    query: search,
    headers: {
      host,
      'content-encoding': 'aws-chunked',
      'content-length': String(chunkedLength(sizeBytes, CHUNK_BYTES)),
      'x-amz-decoded-content-length': String(sizeBytes),
    },
  });
  // A connection of its own: one that was kept and is closed by the server meanwhile could not be tried again.
  const request = (protocol === 'https:' ? https : http).request({
    method: 'PUT',
    hostname,
    port,
    path: search === '' ? path : `${path}?${search}`,
    headers,
    agent: false,
  });
  return send(request, signed(signer, chunks));
};

const send = async (request: http.ClientRequest, body: AsyncGenerator<Buffer>): Promise<string> => {
  let early: http.IncomingMessage | undefined;
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('error', reject).once('response', (response) => {
      early = response;
      resolve(response);
    });
  });
  endWhenSilent(request);
  try {
    const [response] = await Promise.all([answered, pipeline(body, request)]);
    return await etagOf(response);
  } catch (error) {
    // A server that refuses answers before it has read all, and closes; its answer says more than the broken pipe.
    const refusal = early === undefined ? undefined : await etagOf(early).catch((refused: unknown) => refused);
    request.destroy();
    throw refusal instanceof S3Error ? refusal : error;
  }
};

const signed = async function* (signer: ChunkSigner, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const end = Buffer.from('\r\n');
  for await (const chunk of chunksOf(chunks, () => CHUNK_BYTES)) {
    yield signer.head(chunk);
    yield* chunk;
    yield end;
  }
  yield Buffer.concat([signer.head([]), end]);
};

/** Waiting for the sender is not the server's silence: then nothing of ours is on its way to it. */
const endWhenSilent = (request: http.ClientRequest): void => {
  request.setTimeout(SILENT_MS);
  request.on('timeout', () => {
    if (request.writableNeedDrain || request.writableEnded) request.destroy(silent());
  });
};

const etagOf = async (response: http.IncomingMessage): Promise<string> => {
  const answer = await text(response);
  if (response.statusCode === 200) return (response.headers.etag ?? '').replaceAll('"', '');
  const code = /<Code>(.*?)<\/Code>/.exec(answer)?.[1] ?? `HTTP ${String(response.statusCode)}`;
  throw Object.assign(new S3Error(/<Message>(.*?)<\/Message>/.exec(answer)?.[1] ?? code), { code });
};
