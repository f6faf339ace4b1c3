import type { WebhookEvent, WebhookStatus } from '#contracts';
import type { Page, PageRequest } from '../paging.js';

export interface Webhook {
  id: string;
  name: string;
  description: string | null;
  url: string;
  /** Sorted, none twice. */
  events: WebhookEvent[];
  status: WebhookStatus;
  /** As `WebhookSecrets` sealed it; null when deliveries are not signed. */
  sealedSecret: string | null;
  createdMs: number;
  updatedMs: number;
}

export type WebhookChange = Partial<Omit<Webhook, 'id' | 'createdMs' | 'updatedMs'>>;

/** The webhooks by id. Errors: NOT_FOUND in MLflow's words. */
export abstract class Webhooks {
  abstract create(webhook: Omit<Webhook, 'createdMs' | 'updatedMs'>): Promise<Webhook>;
  abstract get(id: string): Promise<Webhook>;
  /** Newest first; `anyOf` leaves out webhooks that have none of these events. */
  abstract list(query: { anyOf?: readonly WebhookEvent[] } & PageRequest): Promise<Page<Webhook>>;
  abstract update(id: string, change: WebhookChange): Promise<Webhook>;
  /** Its deliveries go with it. */
  abstract delete(id: string): Promise<void>;
}
