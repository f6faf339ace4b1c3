import { messageOf } from '#runtime';

/** Asks an HTTP API for JSON; anything but a 2xx answer is an error that names the call and what came back. */
export const ask = async (method: string, url: string, body?: unknown): Promise<unknown> => {
  const answer = await call(method, url, body);
  const text = await answer.text();
  if (!answer.ok) throw new RestError(answer.status, `${method} ${url} answered ${String(answer.status)}: ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
};

/** Fetches bytes. */
export const fetchBytes = async (url: string): Promise<Uint8Array> => {
  const answer = await call('GET', url);
  if (!answer.ok) throw new RestError(answer.status, `GET ${url} answered ${String(answer.status)}.`);
  return new Uint8Array(await answer.arrayBuffer());
};

/** Stores bytes or text by PUT. */
export const putBytes = async (url: string, bytes: Uint8Array<ArrayBuffer> | string): Promise<void> => {
  const answer = await fetch(url, { method: 'PUT', body: bytes });
  if (!answer.ok) throw new RestError(answer.status, `PUT ${url} answered ${String(answer.status)}.`);
};

export class RestError extends Error {
  override readonly name = 'RestError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const call = async (method: string, url: string, body?: unknown): Promise<Response> => {
  try {
    return await fetch(url, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new Error(`${method} ${url} got no answer: ${messageOf(error)}`, { cause: error });
  }
};
