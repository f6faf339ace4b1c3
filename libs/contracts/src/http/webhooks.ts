import { z } from 'zod';

/** `<entity>.<action>` as MLflow names them. The last is ours: no MLflow client knows it, so only our own API shows it. */
export const webhookEvent = z.enum([
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
  'budget_policy.exceeded',
  'model_version_stage.transitioned',
]);

export const webhookStatus = z.enum(['ACTIVE', 'DISABLED']);

/** Begins and ends with a letter or digit; at most 63 characters, as MLflow has it. */
export const webhookName = z.string().regex(/^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i, {
  error:
    'The name of a webhook has 1 to 63 letters, digits, dots, underscores and hyphens, and begins and ends with a letter or digit.',
});

const fields = {
  name: webhookName,
  description: z.string().max(5000),
  url: z.string().max(2048),
  events: z.array(webhookEvent).min(1),
  secret: z.string().max(1000).meta({ description: 'Signs what is sent; the empty one takes the signature away.' }),
  status: webhookStatus,
};

/** `POST /api/v1/webhooks` */
export const postWebhook = z.strictObject({
  ...fields,
  description: fields.description.optional(),
  secret: fields.secret.optional(),
  status: fields.status.optional(),
});

/** `PATCH /api/v1/webhooks/{id}` changes what is named. */
export const patchWebhook = z.strictObject(fields).partial();

/** `POST /api/v1/webhooks/{id}/test` sends an example of the event, or of the first that is subscribed to. */
export const postWebhookTest = z.strictObject({ event: webhookEvent.optional() });

export const webhookView = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  url: z.string(),
  events: z.array(webhookEvent),
  status: webhookStatus,
  signed: z.boolean().meta({ description: 'Whether there is a secret; the secret itself is never shown.' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** `GET /api/v1/webhooks`, newest first. */
export const webhooksView = z.object({ webhooks: z.array(webhookView), nextPageToken: z.string().nullable() });

export const webhookTestView = z.object({
  success: z.boolean(),
  responseStatus: z.int().nullable(),
  responseBody: z.string().nullable(),
  error: z.string().nullable(),
});

/** `pending` is to be tried (again); `failed` is given up: refused by the receiver, or in vain for a day. */
export const webhookDeliveryState = z.enum(['pending', 'delivered', 'failed']);

export const webhookDeliveryView = z.object({
  id: z.uuid().meta({ description: 'What the receiver gets as X-MLflow-Delivery-Id, the same at each try.' }),
  webhookId: z.uuid(),
  event: webhookEvent,
  body: z.string().meta({ description: 'What is sent, byte for byte.' }),
  state: webhookDeliveryState,
  attempts: z.int().min(0),
  createdAt: z.iso.datetime(),
  lastAttemptAt: z.iso.datetime().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
  responseStatus: z.int().nullable(),
  error: z.string().nullable(),
});

/** `GET /api/v1/webhooks/{id}/deliveries`, newest first. */
export const webhookDeliveriesView = z.object({
  deliveries: z.array(webhookDeliveryView),
  nextPageToken: z.string().nullable(),
});

export type WebhookEvent = z.infer<typeof webhookEvent>;
export type WebhookStatus = z.infer<typeof webhookStatus>;
export type WebhookView = z.infer<typeof webhookView>;
export type WebhooksView = z.infer<typeof webhooksView>;
export type WebhookTestView = z.infer<typeof webhookTestView>;
export type WebhookDeliveryView = z.infer<typeof webhookDeliveryView>;
export type WebhookDeliveriesView = z.infer<typeof webhookDeliveriesView>;
