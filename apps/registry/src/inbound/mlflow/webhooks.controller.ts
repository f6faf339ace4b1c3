import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { webhookEvent, webhookName, type WebhookEvent } from '#contracts';
import { PlatformError } from '#runtime';
import { offsetOf, pageToken } from '../../core/paging.js';
import { isTaken, type Sent } from '../../core/webhooks/delivery-schedule.js';
import { ManageWebhooks } from '../../core/webhooks/manage-webhooks.js';
import { Webhooks, type Webhook } from '../../core/webhooks/webhooks.js';
import { Endpoint, MlflowController } from './endpoint.js';
import { int32, named, required, text } from './fields.js';
import { Message } from './message.js';

/** In the order of MLflow's own numbers, from 1. */
const entities = [
  'REGISTERED_MODEL',
  'MODEL_VERSION',
  'MODEL_VERSION_TAG',
  'MODEL_VERSION_ALIAS',
  'PROMPT',
  'PROMPT_VERSION',
  'PROMPT_TAG',
  'PROMPT_VERSION_TAG',
  'PROMPT_ALIAS',
  'BUDGET_POLICY',
] as const;
const actions = ['CREATED', 'UPDATED', 'DELETED', 'SET', 'EXCEEDED'] as const;
const numbered = <T extends string>(names: readonly T[]): Record<number, T> =>
  Object.fromEntries(names.map((name, index) => [index + 1, name]));

/** What MLflow's client can read; it fails on a whole list for the sake of one event that it does not know. */
const known = webhookEvent.options.filter((event) =>
  entities.some((entity) => event.startsWith(`${entity.toLowerCase()}.`)),
);

const event = z.object({ entity: named(numbered(entities)), action: named(numbered(actions)) });
const status = named({ 1: 'ACTIVE', 2: 'DISABLED' }, true).optional();
const fields = {
  description: text.max(5000).optional(),
  secret: text.max(1000).optional(),
  status,
};
const creation = z.object({ name: required, url: required.max(2048), events: z.array(event), ...fields });
const reference = z.object({ webhook_id: required });
const update = reference.extend({
  name: text.optional(),
  url: text.max(2048).optional(),
  events: z.array(event).default([]),
  ...fields,
});
const testing = reference.extend({ event: event.optional() });
const page = z.object({ max_results: int32.default(100), page_token: text.optional() });

/**
 * Webhooks as MLflow's clients see them: those with an event that MLflow has, and of them those events. What is ours
 * alone (stage transitions) is at `/api/v1/webhooks`, and stays as it is when a client changes the rest here.
 */
@MlflowController()
export class WebhooksController {
  constructor(
    @Inject(ManageWebhooks) private readonly manage: ManageWebhooks,
    @Inject(Webhooks) private readonly webhooks: Webhooks,
  ) {}

  @Endpoint('POST', 'webhooks')
  async create(@Message(creation) { name, events, ...rest }: z.infer<typeof creation>): Promise<object> {
    const asked = events.map(eventOf);
    checkName(name);
    if (asked.length === 0)
      throw new PlatformError(
        'REQUEST_INVALID',
        'Webhook events must be a non-empty list of WebhookEvent objects: [].',
      );
    const wish = { ...rest, name, events: asked, description: rest.description || undefined };
    return { webhook: webhookShape(await this.manage.create(wish)) };
  }

  @Endpoint('GET', 'webhooks')
  async list(@Message(page) { max_results, page_token }: z.infer<typeof page>): Promise<object> {
    const limit = max_results === 0 ? 100 : max_results;
    if (limit < 1 || limit > 1000)
      throw new PlatformError('REQUEST_INVALID', 'max_results must be between 1 and 1000.');
    const found = await this.webhooks.list({ anyOf: known, limit, offset: offsetOf(page_token) });
    return { webhooks: found.items.map(webhookShape), next_page_token: pageToken(found.nextOffset) };
  }

  @Endpoint('GET', 'webhooks/:webhook_id')
  async get(@Message(reference) { webhook_id }: z.infer<typeof reference>): Promise<object> {
    return { webhook: webhookShape(await this.find(webhook_id)) };
  }

  @Endpoint('PATCH', 'webhooks/:webhook_id')
  async update(@Message(update) { webhook_id, ...change }: z.infer<typeof update>): Promise<object> {
    const asked = change.events.map(eventOf);
    const webhook = await this.find(webhook_id);
    if (change.name) checkName(change.name);
    const ours = webhook.events.filter((event) => !known.includes(event));
    const updated = await this.manage.update(webhook_id, {
      name: change.name || undefined,
      url: change.url || undefined,
      description: change.description,
      secret: change.secret,
      status: change.status,
      events: asked.length === 0 ? undefined : [...asked, ...ours],
    });
    return { webhook: webhookShape(updated) };
  }

  @Endpoint('DELETE', 'webhooks/:webhook_id')
  async delete(@Message(reference) { webhook_id }: z.infer<typeof reference>): Promise<void> {
    await this.find(webhook_id);
    await this.webhooks.delete(webhook_id);
  }

  @Endpoint('POST', 'webhooks/:webhook_id/test')
  async test(@Message(testing) { webhook_id, event }: z.infer<typeof testing>): Promise<object> {
    const asked = event && eventOf(event);
    const webhook = await this.find(webhook_id);
    return { result: testShape(await this.manage.test(webhook, asked ?? shownOf(webhook)[0])) };
  }

  /** @throws PlatformError NOT_FOUND, also for a webhook without any event of MLflow's. */
  private async find(id: string): Promise<Webhook> {
    const webhook = await this.webhooks.get(id);
    if (shownOf(webhook).length > 0) return webhook;
    throw new PlatformError('NOT_FOUND', `Webhook with ID ${id} not found.`);
  }
}

/** @throws PlatformError REQUEST_INVALID in MLflow's words where it has some. */
const eventOf = ({ entity, action }: z.infer<typeof event>): WebhookEvent => {
  if (entity === undefined || action === undefined)
    throw new PlatformError(
      'REQUEST_INVALID',
      `Each event names an entity (${entities.join(', ')}) and an action (${actions.join(', ')}); stage transitions are subscribed to by POST /api/v1/webhooks.`,
    );
  const [asked, prefix] = [`${entity}.${action}`.toLowerCase(), `${entity}.`.toLowerCase()];
  const event = known.find((name) => name === asked);
  if (event !== undefined) return event;
  const valid = known.filter((name) => name.startsWith(prefix)).map((name) => `'${name.slice(prefix.length)}'`);
  throw new PlatformError(
    'REQUEST_INVALID',
    `Invalid action '${action.toLowerCase()}' for entity '${entity.toLowerCase()}'. Valid actions are: [${valid.sort().join(', ')}]`,
  );
};

const checkName = (name: string): void => {
  if (webhookName.safeParse(name).success) return;
  throw new PlatformError(
    'REQUEST_INVALID',
    `Webhook name '${name}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
  );
};

const shownOf = ({ events }: Webhook): WebhookEvent[] => events.filter((event) => known.includes(event));

const webhookShape = (webhook: Webhook) => ({
  webhook_id: webhook.id,
  name: webhook.name,
  description: webhook.description || undefined,
  url: webhook.url,
  events: shownOf(webhook).map((event) => {
    const [entity, action] = event.toUpperCase().split('.');
    return { entity, action };
  }),
  status: webhook.status,
  creation_timestamp: webhook.createdMs,
  last_updated_timestamp: webhook.updatedMs,
});

const testShape = (sent: Sent) =>
  'status' in sent
    ? { success: isTaken(sent.status), response_status: sent.status, response_body: sent.body }
    : { success: false, error_message: `Failed to test webhook: ${sent.fault}` };
