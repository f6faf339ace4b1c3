import http from 'node:http';
import https from 'node:https';
import { Client } from 'minio';
import type { S3Settings } from './s3-settings.js';

/** A server that says nothing for this long is away; without it a dead connection would hold a request for ever. */
export const SILENT_MS = 60_000;
/** Completing an upload in parts may take minutes, in which servers say nothing: some copy the parts together. */
const COMPLETION_MS = 900_000;
/** S3's limit of a single PUT: what we hand over as one buffer must never become one of the client's own multipart uploads. */
export const SINGLE_PUT_BYTES = 5 * 1024 * 1024 * 1024;

/**
 * The client with what its defaults lack: region given (no look-up per bucket), path style (servers other than Amazon's),
 * a limit to silence, and no retries of its own: who called us knows better, and it prints to the console.
 */
export const s3Client = ({ endpoint, accessKey, secretKey, region }: S3Settings): Client => {
  const { protocol, hostname, port } = new URL(endpoint);
  const useSSL = protocol === 'https:';
  return new Client({
    endPoint: hostname,
    ...(port !== '' && { port: Number(port) }),
    useSSL,
    accessKey,
    secretKey,
    region,
    pathStyle: true,
    partSize: SINGLE_PUT_BYTES,
    retryOptions: { disableRetry: true },
    transport: useSSL ? impatient(https) : impatient(http),
    transportAgent: useSSL ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true }),
  });
};

const impatient = (transport: Pick<typeof http | typeof https, 'request'>): Pick<typeof http, 'request'> => ({
  request: (...args: unknown[]): http.ClientRequest => {
    const request = (transport.request as (...args: unknown[]) => http.ClientRequest)(...args);
    const patienceMs = request.method === 'POST' && request.path.includes('uploadId=') ? COMPLETION_MS : SILENT_MS;
    request.setTimeout(patienceMs, () => {
      request.destroy(silent(patienceMs));
    });
    return request;
  },
});

export const silent = (forMs = SILENT_MS): Error =>
  new Error(`The S3 server was silent for ${String(forMs / 1000)} s.`);
