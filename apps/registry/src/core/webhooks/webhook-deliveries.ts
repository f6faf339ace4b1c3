import type { WebhookDeliveryView, WebhookEvent } from '#contracts';
import type { Page, PageRequest } from '../paging.js';
import type { AfterAttempt } from './delivery-schedule.js';

/** A delivery that this process has taken, with what its webhook says now. */
export interface TakenDelivery {
  id: string;
  webhookId: string;
  event: WebhookEvent;
  body: string;
  url: string;
  sealedSecret: string | null;
  /** Counts this attempt; who settles under another number comes too late. */
  attempt: number;
  /** Time left until it is given up; negative when that has passed. */
  remainingMs: number;
}

/** The outbox of webhooks and its log in one: rows are written in the transaction that made the event true. */
export abstract class WebhookDeliveries {
  /** Whether an active webhook has one of these events: a look that spares the rest when there is none. */
  abstract anyoneFor(events: readonly WebhookEvent[]): Promise<boolean>;
  /** One row for each active webhook that has the event, to be sent after the commit. */
  abstract add(event: WebhookEvent, body: string): Promise<void>;
  /**
   * Takes what is due, each for as long as an attempt may last: what is not settled by then (its process was killed) is
   * due again. At most `perWebhook` of one webhook are on their way from this process, those in `busy` counted.
   */
  abstract take(limits: {
    perWebhook: number;
    inAll: number;
    busy: ReadonlyMap<string, number>;
  }): Promise<TakenDelivery[]>;
  abstract settle(taken: TakenDelivery, after: AfterAttempt): Promise<void>;
  /** Gives back what was taken and not tried to its end, as if it had not been taken. */
  abstract release(taken: TakenDelivery): Promise<void>;
  /** Newest first. */
  abstract log(webhookId: string, page: PageRequest): Promise<Page<WebhookDeliveryView>>;
  /** Makes it due now, under the same id, with a day of tries before it. @throws PlatformError NOT_FOUND. */
  abstract redeliver(id: string): Promise<WebhookDeliveryView>;
  /** Forgets what is older; returns how many that were. */
  abstract prune(maxAgeMs: number): Promise<number>;
}
