import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { messageOf, PlatformError, type Logger } from '#runtime';
import { openPlainFile } from '../plain-file.js';

const CALL_TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 600_000;
const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';
/** Answers of a server, or of a proxy before it, that is down, starting or overloaded. */
const AWAY = new Set([408, 429, 502, 503, 504]);

/** An answer other than 200, in MLflow's words. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * MLflow's REST API over fetch: JSON calls and artifact uploads; and the registry's own API, whose problems are errors of the same kind.
 * Errors: `REGISTRY_UNAVAILABLE` when nobody answers or the answer says "later"; `MlflowError` for every other refusal.
 */
export class MlflowClient {
  private readonly root: string;

  constructor(
    url: string,
    private readonly logger: Logger,
    private readonly token?: string,
    private readonly signal?: AbortSignal,
  ) {
    this.root = url.replace(/\/+$/, '');
  }

  /** The same server, told with every call who calls. */
  with(token: string): MlflowClient {
    return new MlflowClient(this.root, this.logger, token);
  }

  /** The same server and caller; calls end with the signal, and reject with its reason. */
  during(signal: AbortSignal): MlflowClient {
    return new MlflowClient(this.root, this.logger, this.token, signal);
  }

  /** A call of the registry's own API. */
  async own<T>(method: string, path: string, body?: object): Promise<T> {
    return (await this.json(method, path, body)) as T;
  }

  get<T>(path: string, query: Record<string, string>): Promise<T> {
    return this.call<T>('GET', `${path}?${new URLSearchParams(query).toString()}`);
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.call<T>('POST', path, body);
  }

  patch<T>(path: string, body: object): Promise<T> {
    return this.call<T>('PATCH', path, body);
  }

  /** Sends bytes below an `mlflow-artifacts:/` root. */
  async upload(artifactRoot: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.put(artifactRoot, name, bytes, bytes.byteLength);
  }

  /** Streams a local file below an `mlflow-artifacts:/` root. */
  async uploadFile(artifactRoot: string, name: string, path: string): Promise<void> {
    const { body, sizeBytes } = await bodyOf(path);
    await this.put(artifactRoot, name, body, sizeBytes);
  }

  /** What lies in a folder below an `mlflow-artifacts:/` root: plain names, as the store has them. */
  async list(artifactRoot: string): Promise<ListedFile[]> {
    const query = new URLSearchParams({ path: artifactPath(artifactRoot) }).toString();
    const { files = [] } = (await this.json('GET', `${ARTIFACTS}?${query}`)) as { files?: ListedFile[] };
    return files;
  }

  /** Streams a file below an `mlflow-artifacts:/` root into a new local one. */
  async downloadFile(artifactRoot: string, name: string, path: string): Promise<void> {
    await this.send(artifactUrl(artifactRoot, name), UPLOAD_TIMEOUT_MS, { method: 'GET' }, (answer) =>
      keptIn(path, answer),
    );
  }

  /** Streams a local file to a route of our own API. */
  async putFile(path: string, file: string): Promise<void> {
    const { body, sizeBytes } = await bodyOf(file);
    await this.send(path, UPLOAD_TIMEOUT_MS, streamed(body, sizeBytes));
  }

  private put(
    artifactRoot: string,
    name: string,
    body: Uint8Array<ArrayBuffer> | ReadableStream,
    sizeBytes: number,
  ): Promise<unknown> {
    return this.send(artifactUrl(artifactRoot, name), UPLOAD_TIMEOUT_MS, streamed(body, sizeBytes));
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    return (await this.json(method, `/api/2.0/mlflow/${path}`, body)) as T;
  }

  private json(method: string, path: string, body?: object): Promise<unknown> {
    return this.send(path, CALL_TIMEOUT_MS, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  }

  private async send(path: string, timeoutMs: number, init: Call, read = textOf): Promise<unknown> {
    let status: number;
    let text: string;
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(this.root + path, {
        ...init,
        headers: { ...init.headers, ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }) },
        signal: this.signal === undefined ? late : AbortSignal.any([late, this.signal]),
        redirect: 'error',
      });
      status = answer.status;
      text = await (answer.ok ? read(answer) : textOf(answer));
    } catch (error) {
      if (this.signal?.aborted === true) throw this.signal.reason as Error;
      if (error instanceof PlatformError) throw error;
      throw new PlatformError('REGISTRY_UNAVAILABLE', `The registry at ${this.root} does not answer.`, error);
    }
    if (status >= 200 && status <= 299) return parsed(text) ?? {};
    const said = parsed(text) ?? {};
    const code = said.error_code ?? said.code ?? `HTTP_${String(status)}`;
    const message = said.message ?? said.detail ?? text.slice(0, 500);
    this.logger.debug('The registry refused a call.', { path, status, code, message });
    if (AWAY.has(status))
      throw new PlatformError(
        'REGISTRY_UNAVAILABLE',
        `The registry at ${this.root} answers ${String(status)}: ${message}`,
      );
    throw new MlflowError(status, code, message);
  }
}

/** An entry of a folder of artifacts. */
export interface ListedFile {
  path: string;
  is_dir: boolean;
  file_size?: number;
}

const textOf = (answer: Response): Promise<string> => answer.text();

const keptIn = async (path: string, { body }: Response): Promise<string> => {
  const file = await onDisk(open(path, 'wx'));
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) await onDisk(file.writeFile(chunk));
    return '';
  } finally {
    await file.close();
  }
};

/** A disk that takes no more is no fault of the registry, and no reason to wait for it. */
const onDisk = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    const why = `What the recipe logged can not be kept to be looked at: ${messageOf(error)}`;
    throw new PlatformError('TRAINING_FAILED', why, error);
  });

const artifactUrl = (artifactRoot: string, name: string): string =>
  [ARTIFACTS, ...[...artifactPath(artifactRoot).split('/'), ...name.split('/')].map(encodeURIComponent)].join('/');

/** `mlflow-artifacts:/1/models/m-…/artifacts` → `1/models/m-…/artifacts`; only the proxy of the registry itself is written to. */
export const artifactPath = (uri: string): string => {
  const path = /^mlflow-artifacts:\/(?!\/)(.+?)\/*$/.exec(uri)?.[1];
  if (path === undefined)
    throw new PlatformError(
      'CONFLICT',
      `The artifact location ${uri} is not one of the registry's own (mlflow-artifacts:/…).`,
    );
  return path;
};

/** How the registry says that an attempt is over: in its own words, and in MLflow's. */
const supersededBy = new Set(['ATTEMPT_SUPERSEDED', 'PERMISSION_DENIED']);

/** Every other refusal, as an error of ours: a fault of the request is not tried again. */
export const refusal = (error: unknown): unknown => {
  if (!(error instanceof MlflowError)) return error;
  const told = `The registry refused (${error.code}): ${messageOf(error)}`;
  // Not any 403: a proxy may refuse us, too, and that is no reason to think that another attempt has begun.
  if (error.status === 403 && supersededBy.has(error.code)) return new PlatformError('ATTEMPT_SUPERSEDED', told, error);
  if (error.status >= 500) return new PlatformError('INTERNAL', told, error);
  return new PlatformError(
    error.status === 404 ? 'NOT_FOUND' : error.status === 409 ? 'CONFLICT' : 'REQUEST_INVALID',
    told,
    error,
  );
};

/** What a recipe left may be no file; that is a fault of the recipe, and no reason to wait for the registry. */
const bodyOf = async (path: string): Promise<{ body: ReadableStream; sizeBytes: number }> => {
  const found = await openPlainFile(path);
  if (found === undefined)
    throw new PlatformError(
      'TRAINING_FAILED',
      `${basename(path)}, which the recipe left, is no file that can be read.`,
    );
  const { file, sizeBytes } = found;
  return { body: Readable.toWeb(file.createReadStream()) as ReadableStream, sizeBytes };
};

const streamed = (body: Uint8Array<ArrayBuffer> | ReadableStream, sizeBytes: number) => ({
  method: 'PUT',
  body,
  headers: { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) },
  duplex: 'half' as const,
});

/** A call as `fetch` takes it, its headers as a plain object. */
type Call = Omit<RequestInit, 'headers'> & { headers?: Record<string, string>; duplex?: 'half' };

/** MLflow's words for an error, or those of a problem. */
interface Refused {
  error_code?: string;
  message?: string;
  code?: string;
  detail?: string;
}

const parsed = (text: string): Refused | undefined => {
  try {
    return JSON.parse(text) as Refused;
  } catch {
    return undefined;
  }
};
