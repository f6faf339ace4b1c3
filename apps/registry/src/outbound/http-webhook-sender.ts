import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, PlatformError, messageOf } from '#runtime';
import type { Sent } from '../core/webhooks/delivery-schedule.js';
import { WebhookSender } from '../core/webhooks/webhook-sender.js';

/** No more of an answer is read; it is for people who test a webhook. */
const ANSWER_LIMIT_BYTES = 64 * 1024;

export interface SenderRules {
  allowHttp: boolean;
  allowPrivate: boolean;
  /** Of one attempt, from the look at the name to the last byte that is read. */
  timeoutMs: number;
}

/** An address that may not be called: trying again does not change that. */
class Refused extends Error {}

/**
 * Calls receivers by plain node:http: the address that was checked is the one that is connected to, because the check
 * is in the lookup of the connection itself; redirects are not followed; proxies of the environment play no part.
 */
export class HttpWebhookSender extends WebhookSender {
  constructor(private readonly rules: SenderRules) {
    super();
  }

  async check(url: string): Promise<void> {
    const { hostname, url: address } = this.read(url);
    if (address.username !== '' || address.password !== '')
      throw invalid(
        'Webhook URL must not contain a user name or password: whoever lists webhooks would see them. Sign deliveries by a secret instead.',
      );
    if (this.rules.allowPrivate) return;
    try {
      await this.resolve(hostname);
    } catch (error) {
      if (error instanceof Refused) throw invalid(error.message);
      throw invalid(`Cannot resolve Webhook URL hostname '${hostname}': ${messageOf(error)}`);
    }
  }

  async send(given: {
    url: string;
    headers: Record<string, string>;
    body: string;
    signal?: AbortSignal;
  }): Promise<Sent | undefined> {
    const timeout = AbortSignal.timeout(this.rules.timeoutMs);
    try {
      const address = this.read(given.url);
      if (isIP(address.hostname) !== 0) this.refusePrivate(address.hostname, address.hostname);
      return await this.post(address.url, given, AbortSignal.any([timeout, ...(given.signal ? [given.signal] : [])]));
    } catch (error) {
      if (given.signal?.aborted === true) return undefined;
      if (timeout.aborted)
        return { fault: `No answer within ${String(this.rules.timeoutMs / 1000)} s.`, lasting: false };
      if (error instanceof Refused) return { fault: error.message, lasting: true };
      if (error instanceof PlatformError) return { fault: error.detail, lasting: true };
      return { fault: `The receiver could not be reached: ${messageOf(error)}.`, lasting: false };
    }
  }

  private post(
    url: URL,
    { headers, body }: { headers: Record<string, string>; body: string },
    signal: AbortSignal,
  ): Promise<Sent> {
    const secure = url.protocol === 'https:';
    const bytes = Buffer.from(body);
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': bytes.byteLength },
      lookup: this.lookup,
      signal,
      // An agent of its own: no connection is taken over from anyone who checked otherwise.
      agent: secure ? new HttpsAgent() : new HttpAgent(),
    };
    return new Promise<Sent>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, options, (answer) => {
        read(answer).then(resolve, reject);
      });
      request.on('error', reject);
      request.end(bytes);
    });
  }

  /** @throws PlatformError REQUEST_INVALID in MLflow's words. */
  private read(text: string): { url: URL; hostname: string } {
    if (text.trim() === '') throw invalid(`Webhook URL cannot be empty or just whitespace: '${text}'`);
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1].toLowerCase() ?? '';
    const allowed = this.rules.allowHttp ? ['http', 'https'] : ['https'];
    if (!allowed.includes(scheme)) {
      const how = this.rules.allowHttp ? '' : ' Set WEBHOOKS_ALLOW_HTTP=true to allow http.';
      throw invalid(`Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: ${allowed.join(', ')}.${how}`);
    }
    if (!/^https?:\/\/[^/?#]/i.test(text)) throw invalid(`Webhook URL must include a hostname: '${text}'`);
    const url = URL.parse(text);
    if (url === null) throw invalid(`Invalid webhook URL '${text}'.`);
    return { url, hostname: url.hostname.replace(/^\[|\]$/g, '') };
  }

  /** Every address of the name, all of them allowed. */
  private async resolve(hostname: string): Promise<{ address: string; family: number }[]> {
    const found = await lookup(hostname, { all: true });
    for (const { address } of found) this.refusePrivate(hostname, address);
    return found;
  }

  private refusePrivate(hostname: string, address: string): void {
    if (this.rules.allowPrivate || isPublicAddress(address)) return;
    throw new Refused(
      `Webhook URL must not resolve to a non-public IP address. '${hostname}' resolves to ${address}. Set WEBHOOKS_ALLOW_PRIVATE=true to allow it.`,
    );
  }

  private readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname).then(
      (found) => {
        if (options.all === true) callback(null, found);
        else callback(null, found[0].address, found[0].family);
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, '');
      },
    );
  };
}

const invalid = (message: string): PlatformError => new PlatformError('REQUEST_INVALID', message);

/** The status counts once the answer has begun; of its body, what fits the limit. */
const read = async (answer: IncomingMessage): Promise<Sent> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= ANSWER_LIMIT_BYTES) break;
  }
  const body = Buffer.concat(chunks).subarray(0, ANSWER_LIMIT_BYTES).toString('utf8').replaceAll('\u0000', '');
  const retryAfterMs = msOf(answer.headers['retry-after']);
  return { status: answer.statusCode ?? 0, body, ...(retryAfterMs !== undefined && { retryAfterMs }) };
};

/** `Retry-After`: seconds, or the moment itself. */
const msOf = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
};
