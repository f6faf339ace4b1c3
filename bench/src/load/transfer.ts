import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const CHUNK = randomBytes(1024 * 1024);

/** Sends so many bytes by one PUT; how many milliseconds until the answer. @throws Error unless it is 200. */
export const upload = async (url: string, bytes: number): Promise<number> => {
  const began = performance.now();
  const put = request(url, {
    method: 'PUT',
    headers: { 'content-length': bytes, 'content-type': 'application/octet-stream' },
  });
  const answered = new Promise<string>((resolve, reject) => {
    put.on('error', reject);
    put.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`PUT ${url}: ${String(response.statusCode)} ${text}`));
      });
    });
  });
  const whole = Array.from({ length: bytes / CHUNK.length }, () => CHUNK);
  await Promise.all([pipeline(Readable.from(whole), put), answered]);
  return performance.now() - began;
};

export interface Downloaded {
  ms: number;
  bytes: number;
  sha256?: string;
}

/** Reads all of it and keeps nothing. @throws Error unless it is 200. */
export const download = (url: string, { digest = false } = {}): Promise<Downloaded> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const hash = digest ? createHash('sha256') : undefined;
    const get = request(url, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        hash?.update(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - began, bytes, sha256: hash?.digest('hex') });
        else reject(new Error(`GET ${url}: ${String(response.statusCode)}`));
      });
    });
    get.on('error', reject);
    get.end();
  });
