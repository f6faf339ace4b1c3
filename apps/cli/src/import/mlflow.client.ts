import { setTimeout as sleep } from 'node:timers/promises';
import { faultOf, MlflowFault, watched } from './source-body.js';

const TRIES = 5;
const FIRST_WAIT_MS = 500;

/** How long the server may take for the head of an answer, and for each piece of its body. */
export interface Patience {
  answerMs: number;
  idleMs: number;
}
const PATIENCE: Patience = { answerMs: 120_000, idleMs: 120_000 };

/** The server answered, with an error that asking again does not mend. */
export class MlflowRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }

  /** There is no such thing, or (an older server) no such route. */
  get isMissing(): boolean {
    return this.status === 404 || this.status === 405;
  }
}

type Query = Record<string, string | number | undefined>;

/** MLflow's REST API as any server of it speaks it. Faults of the network, 429 and 5xx are tried again a few times. */
export class MlflowClient {
  readonly url: string;
  private readonly headers: Record<string, string> = {};

  /** Name and password may stand in the address, as MLflow's clients take them. */
  constructor(
    address: string,
    credentials: { username?: string; password?: string; token?: string } = {},
    private readonly patience = PATIENCE,
  ) {
    const url = new URL(address);
    const user = decodeURIComponent(url.username) || credentials.username;
    const password = decodeURIComponent(url.password) || credentials.password;
    if (user) this.headers.authorization = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
    else if (credentials.token) this.headers.authorization = `Bearer ${credentials.token}`;
    url.username = '';
    url.password = '';
    this.url = url.href.replace(/\/+$/, '');
  }

  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await (await this.ask('GET', withQuery(`/api/2.0/mlflow/${path}`, query))).json()) as T;
  }

  async post<T>(path: string, body: object): Promise<T> {
    return (await (await this.ask('POST', `/api/2.0/mlflow/${path}`, JSON.stringify(body))).json()) as T;
  }

  /** Any path of the server; the body is still to be read. */
  async open(path: string, query: Query = {}): Promise<Response> {
    return this.ask('GET', withQuery(path, query));
  }

  private async ask(method: string, path: string, body?: string): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.try(method, path, body);
      if (answer instanceof Response && answer.ok) return answer;
      const again = !(answer instanceof Response) || answer.status === 429 || answer.status >= 500;
      if (again && attempt < TRIES) {
        await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
        continue;
      }
      if (answer instanceof Response) throw await refusalOf(answer, this.url);
      throw new MlflowFault(
        `${this.url} does not answer: ${answer.message}. What was copied stays; run the command again.`,
      );
    }
  }

  private async try(method: string, path: string, body?: string): Promise<Response | Error> {
    // Of the head alone: a body takes as long as it is large.
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(new Error(`no answer within ${String(this.patience.answerMs / 1000)} s`));
    }, this.patience.answerMs);
    try {
      const answer = await fetch(`${this.url}${path}`, {
        method,
        headers: { ...this.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body }),
        signal: late.signal,
      });
      const { status, statusText, headers } = answer;
      const read = answer.body && watched(answer.body, this.url, this.patience.idleMs);
      return new Response(read, { status, statusText, headers });
    } catch (error) {
      return new Error(faultOf(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

const withQuery = (path: string, query: Query): string => {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
};

const refusalOf = async (answer: Response, url: string): Promise<MlflowRefusal> => {
  const text = await answer.text();
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: string; message?: string };
    return new MlflowRefusal(answer.status, error_code, message ?? text.slice(0, 300));
  } catch {
    return new MlflowRefusal(answer.status, undefined, `${url} answered ${String(answer.status)}`);
  }
};
