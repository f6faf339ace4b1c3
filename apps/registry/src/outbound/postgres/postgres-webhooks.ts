import { In } from 'typeorm';
import type { WebhookEvent } from '#contracts';
import { PlatformError, type Clock } from '#runtime';
import { pageOf, type Page, type PageRequest } from '../../core/paging.js';
import { Webhooks, type Webhook, type WebhookChange } from '../../core/webhooks/webhooks.js';
import type { RegistryDatabase } from './registry-database.js';
import { WebhookEntity } from './webhook.entity.js';

export class PostgresWebhooks extends Webhooks {
  constructor(
    private readonly database: RegistryDatabase,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(webhook: Omit<Webhook, 'createdMs' | 'updatedMs'>): Promise<Webhook> {
    const now = this.clock.now();
    const made = { ...webhook, createdMs: now, updatedMs: now };
    await this.database.guarded(() => this.rows().insert(made));
    return made;
  }

  async get(id: string): Promise<Webhook> {
    // What is no UUID is no webhook of ours either; Postgres would call it a fault.
    const found = UUID.test(id) ? await this.database.guarded(() => this.rows().findOneBy({ id })) : null;
    if (found === null) throw missing(id);
    return found;
  }

  async list({ anyOf, ...page }: { anyOf?: readonly WebhookEvent[] } & PageRequest): Promise<Page<Webhook>> {
    const keys = await this.database.query<{ id: string }[]>(
      `select id from registry.webhooks where $1::text[] is null or events && $1::text[]
       order by creation_time desc, position desc limit $2 offset $3`,
      [anyOf ?? null, page.limit + 1, page.offset],
    );
    const found = pageOf(keys, page);
    const ids = found.items.map(({ id }) => id);
    const rows = await this.database.guarded(() => this.rows().findBy({ id: In(ids) }));
    return { ...found, items: ids.flatMap((id) => rows.filter((row) => row.id === id)) };
  }

  async update(id: string, change: WebhookChange): Promise<Webhook> {
    await this.get(id);
    await this.database.guarded(() => this.rows().update({ id }, { ...change, updatedMs: this.clock.now() }));
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    await this.get(id);
    await this.database.guarded(() => this.rows().delete({ id }));
  }

  private rows() {
    return this.database.repository(WebhookEntity);
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const missing = (id: string): PlatformError => new PlatformError('NOT_FOUND', `Webhook with ID ${id} not found.`);
