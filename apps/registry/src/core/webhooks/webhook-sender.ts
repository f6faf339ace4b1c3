import type { Sent } from './delivery-schedule.js';

/** Calls receivers; never an address that the settings do not allow. */
export abstract class WebhookSender {
  /** @throws PlatformError REQUEST_INVALID for an address that can not or may not be called. */
  abstract check(url: string): Promise<void>;
  /** One attempt, without redirects. Resolves whatever happens, unless `signal` ends it: then with `undefined`. */
  abstract send(request: {
    url: string;
    headers: Record<string, string>;
    body: string;
    signal?: AbortSignal;
  }): Promise<Sent | undefined>;
}
