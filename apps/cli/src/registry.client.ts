import { messageOf } from '#runtime';
import { CliError } from './cli-error.js';
import { longRequest } from './long-request.js';

/** Fetch waits no longer for an answer to begin, whatever signal it is given. */
const FETCH_WAITS_MS = 300_000;

/** The registry's own API, `/api/v1`. Errors come out as one sentence for the terminal. */
export class RegistryClient {
  constructor(
    readonly url: string,
    private readonly timeoutMs = 30_000,
  ) {}

  get(path: string): Promise<unknown> {
    return this.ask('GET', path);
  }
  post(path: string, body: unknown): Promise<unknown> {
    return this.ask('POST', path, body);
  }
  put(path: string, body: unknown): Promise<unknown> {
    return this.ask('PUT', path, body);
  }
  patch(path: string, body: unknown): Promise<unknown> {
    return this.ask('PATCH', path, body);
  }
  delete(path: string, body?: unknown): Promise<unknown> {
    return this.ask('DELETE', path, body);
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.answerTo(method, path, body);
    const { status, text } = answer;
    const value = parsed(text);
    if (status < 200 || status > 299) throw new RegistryRefusal(status, refusalOf(status, value ?? text));
    if (text !== '' && value === undefined)
      throw new CliError(`${this.url} answers, but not as a Baton registry does: is --registry right?`);
    return value;
  }

  private async answerTo(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const sent = {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    };
    const url = `${this.url}/api/v1${path}`;
    try {
      if (this.timeoutMs > FETCH_WAITS_MS) return await longRequest(url, { ...sent, idleMs: this.timeoutMs });
      const answer = await fetch(url, { ...sent, signal: AbortSignal.timeout(this.timeoutMs) });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }
}

/** The registry answered, with an error. */
export class RegistryRefusal extends CliError {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

export const unreachable = (url: string, error: unknown): CliError => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
  return new CliError(
    `The registry does not answer at ${url} (${code}). Start it with \`npm start\`, or say where it is by --registry URL or BATON_REGISTRY.`,
    1,
    { cause: error },
  );
};

const refusalOf = (status: number, body: unknown): string => {
  if (typeof body === 'object' && body !== null) {
    const { detail, message, code } = body as { detail?: string; message?: string; code?: string };
    const told = detail ?? message;
    if (told !== undefined) return code === undefined ? told : `${told} (${code})`;
  }
  return `The registry answered ${String(status)}.`;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
