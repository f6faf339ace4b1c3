import { randomUUID } from 'node:crypto';
import type { WebhookEvent, WebhookStatus } from '#contracts';
import type { Clock } from '#runtime';
import type { Sent } from './delivery-schedule.js';
import { bodyOf, exampleData } from './example-events.js';
import { deliveryHeaders } from './sign-delivery.js';
import type { WebhookSecrets } from './webhook-secrets.js';
import type { WebhookSender } from './webhook-sender.js';
import type { Webhook, Webhooks } from './webhooks.js';

export interface WebhookWish {
  name: string;
  description?: string;
  url: string;
  events: readonly WebhookEvent[];
  secret?: string;
  status?: WebhookStatus;
}

/** What people do with webhooks. Addresses are checked when they are given, and again each time they are called. */
export class ManageWebhooks {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly secrets: WebhookSecrets,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
  ) {}

  /** @throws PlatformError REQUEST_INVALID for an address that may not be called, or a secret that can not be kept. */
  async create(wish: WebhookWish): Promise<Webhook> {
    await this.sender.check(wish.url);
    const id = randomUUID();
    return this.webhooks.create({
      id,
      name: wish.name,
      description: wish.description ?? null,
      url: wish.url,
      events: sorted(wish.events),
      status: wish.status ?? 'ACTIVE',
      sealedSecret: this.sealed(id, wish.secret),
    });
  }

  /** Changes what is given; an empty secret takes it away. @throws PlatformError NOT_FOUND, REQUEST_INVALID. */
  async update(id: string, { secret, events, ...change }: Partial<WebhookWish>): Promise<Webhook> {
    await this.webhooks.get(id);
    if (change.url !== undefined) await this.sender.check(change.url);
    return this.webhooks.update(id, {
      ...change,
      ...(events !== undefined && { events: sorted(events) }),
      ...(secret !== undefined && { sealedSecret: this.sealed(id, secret) }),
    });
  }

  /** Sends an example once, whether the webhook is active or not. @throws PlatformError NOT_FOUND. */
  async test({ id, url, sealedSecret }: Webhook, event: WebhookEvent): Promise<Sent> {
    const body = bodyOf(event, exampleData[event], this.clock.iso());
    const secret = sealedSecret === null ? null : this.secrets.open(id, sealedSecret);
    const headers = deliveryHeaders(randomUUID(), body, secret, this.clock.now());
    const sent = await this.sender.send({ url, headers, body });
    return sent ?? { fault: 'The test was interrupted.', lasting: false };
  }

  private sealed(id: string, secret: string | undefined): string | null {
    return secret === undefined || secret === '' ? null : this.secrets.seal(id, secret);
  }
}

const sorted = (events: readonly WebhookEvent[]): WebhookEvent[] => [...new Set(events)].sort();
