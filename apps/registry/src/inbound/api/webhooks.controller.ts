import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  patchWebhook,
  postWebhook,
  postWebhookTest,
  type WebhookDeliveriesView,
  type WebhookDeliveryView,
  type WebhooksView,
  type WebhookTestView,
  type WebhookView,
} from '#contracts';
import { offsetOf, pageToken } from '../../core/paging.js';
import { isTaken } from '../../core/webhooks/delivery-schedule.js';
import { ManageWebhooks } from '../../core/webhooks/manage-webhooks.js';
import { WebhookDeliveries } from '../../core/webhooks/webhook-deliveries.js';
import { Webhooks, type Webhook } from '../../core/webhooks/webhooks.js';
import { ContractBody, countIn } from './body.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Webhooks with every event there is, and what became of each delivery. */
@Controller('api/v1/webhooks')
export class WebhooksApiController {
  constructor(
    @Inject(ManageWebhooks) private readonly manage: ManageWebhooks,
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(WebhookDeliveries) private readonly deliveries: WebhookDeliveries,
  ) {}

  @Post()
  @HttpCode(201)
  async create(@ContractBody(postWebhook) wish: z.infer<typeof postWebhook>): Promise<WebhookView> {
    return viewOf(await this.manage.create(wish));
  }

  @Get()
  async list(@Query('limit') limit?: string, @Query('pageToken') token?: string): Promise<WebhooksView> {
    const found = await this.webhooks.list({ limit: countIn(limit, 'limit', 100, 1000), offset: offsetOf(token) });
    return { webhooks: found.items.map(viewOf), nextPageToken: pageToken(found.nextOffset) ?? null };
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<WebhookView> {
    return viewOf(await this.webhooks.get(id));
  }

  @Patch(':id')
  async update(
    @Param('id') id: string,
    @ContractBody(patchWebhook) change: z.infer<typeof patchWebhook>,
  ): Promise<WebhookView> {
    return viewOf(await this.manage.update(id, change));
  }

  @Delete(':id')
  @HttpCode(204)
  async delete(@Param('id') id: string): Promise<void> {
    await this.webhooks.delete(id);
  }

  @Post(':id/test')
  @HttpCode(200)
  async test(
    @Param('id') id: string,
    @ContractBody(postWebhookTest) { event }: z.infer<typeof postWebhookTest>,
  ): Promise<WebhookTestView> {
    const webhook = await this.webhooks.get(id);
    const sent = await this.manage.test(webhook, event ?? webhook.events[0]);
    return 'status' in sent
      ? { success: isTaken(sent.status), responseStatus: sent.status, responseBody: sent.body, error: null }
      : { success: false, responseStatus: null, responseBody: null, error: sent.fault };
  }

  @Get(':id/deliveries')
  async log(
    @Param('id') id: string,
    @Query('limit') limit?: string,
    @Query('pageToken') token?: string,
  ): Promise<WebhookDeliveriesView> {
    await this.webhooks.get(id);
    const page = { limit: countIn(limit, 'limit', 100, 1000), offset: offsetOf(token) };
    const found = await this.deliveries.log(id, page);
    return { deliveries: found.items, nextPageToken: pageToken(found.nextOffset) ?? null };
  }

  /** Sends it again under the same id, delivered or not: a receiver that keeps the ids it saw knows it again. */
  @Post('deliveries/:id/redeliver')
  @HttpCode(202)
  redeliver(@Param('id') id: string): Promise<WebhookDeliveryView> {
    return this.deliveries.redeliver(id);
  }
}

const viewOf = (webhook: Webhook): WebhookView => ({
  id: webhook.id,
  name: webhook.name,
  description: webhook.description,
  url: webhook.url,
  events: webhook.events,
  status: webhook.status,
  signed: webhook.sealedSecret !== null,
  createdAt: iso(webhook.createdMs),
  updatedAt: iso(webhook.updatedMs),
});
