import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

interface LongRequest {
  method: string;
  headers?: Record<string, string>;
  body?: string | Readable;
  /** How long nothing may be sent or come. */
  idleMs: number;
}

/** Fetch gives up after 300 s without an answer, whatever it is told; this waits as long as it is asked to. */
export const longRequest = (url: string, { method, headers, body, idleMs }: LongRequest) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const call = request(url, { method, headers, agent: false }, (answer) => {
      text(answer)
        .then((answered) => {
          resolve({ status: answer.statusCode ?? 0, text: answered });
        }, reject)
        .finally(() => {
          // An answer may come before all was read, such as that it is too much.
          if (typeof body === 'object') body.destroy();
        });
    });
    call.setTimeout(idleMs, () => {
      call.destroy(new Error(`nothing came for ${String(idleMs / 1000)} s`));
    });
    call.on('error', reject);
    if (typeof body === 'object') pipeline(body, call).catch(reject);
    else call.end(body);
  });
