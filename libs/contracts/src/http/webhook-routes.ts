import { z } from 'zod';
import type { HttpRoute } from './http-route.js';
import { inPath, limitInQuery, pageToken } from './route-parameters.js';
import {
  patchWebhook,
  postWebhook,
  postWebhookTest,
  webhookDeliveriesView,
  webhookDeliveryView,
  webhooksView,
  webhookTestView,
  webhookView,
} from './webhooks.js';

const path = '/api/v1/webhooks';
const tag = 'Webhooks';
const idInPath = inPath('id', z.string(), 'Id of the webhook.');

const webhook = {
  id: '3b241101-e2bb-4255-8caf-4136c566a962',
  name: 'to-the-chat',
  description: null,
  url: 'https://hooks.example.com/baton',
  events: ['model_version_stage.transitioned'],
  status: 'ACTIVE',
  signed: true,
  createdAt: '2026-11-21T12:00:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
};
const delivery = {
  id: '7d444840-9dc0-11d1-b245-5ffdce74fad2',
  webhookId: webhook.id,
  event: 'model_version_stage.transitioned',
  body: '{"entity":"model_version_stage","action":"transitioned","timestamp":"2026-11-21T12:00:05.000Z","data":{}}',
  state: 'delivered',
  attempts: 1,
  createdAt: '2026-11-21T12:00:05.000Z',
  lastAttemptAt: '2026-11-21T12:00:05.040Z',
  nextAttemptAt: null,
  responseStatus: 200,
  error: null,
};
const given = { name: webhook.name, url: webhook.url, events: webhook.events, secret: 'a-long-secret' };

export const webhookRoutes: HttpRoute[] = [
  {
    method: 'POST',
    path,
    tag,
    summary: 'Make a webhook',
    description:
      'The same webhooks as those of MLflow’s API, with one event more: transitions of a stage. What is sent is durable, retried and signed (HMAC-SHA256) when there is a secret.',
    body: [{ schema: postWebhook, example: given }],
    answers: { 201: { description: 'The webhook.', content: { schema: webhookView, example: webhook } } },
    errors: ['ALREADY_EXISTS'],
  },
  {
    method: 'GET',
    path,
    tag,
    summary: 'List webhooks, the newest first',
    parameters: [limitInQuery(100, 1000), pageToken],
    answers: {
      200: {
        description: 'A page of webhooks.',
        content: { schema: webhooksView, example: { webhooks: [webhook], nextPageToken: null } },
      },
    },
    errors: ['REQUEST_INVALID'],
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    tag,
    summary: 'Show one webhook',
    parameters: [idInPath],
    answers: { 200: { description: 'The webhook.', content: { schema: webhookView, example: webhook } } },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'PATCH',
    path: `${path}/{id}`,
    tag,
    summary: 'Change a webhook',
    description: 'Changes what is named and leaves the rest.',
    parameters: [idInPath],
    body: [{ schema: patchWebhook, example: { status: 'DISABLED' } }],
    answers: {
      200: {
        description: 'The webhook.',
        content: { schema: webhookView, example: { ...webhook, status: 'DISABLED' } },
      },
    },
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    tag,
    summary: 'Delete a webhook',
    parameters: [idInPath],
    answers: { 204: { description: 'It is gone.' } },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'POST',
    path: `${path}/{id}/test`,
    tag,
    summary: 'Send an example',
    description: 'Sends an example of the event, or of the first that is subscribed to, at once and once.',
    parameters: [idInPath],
    body: [{ schema: postWebhookTest, example: {} }],
    answers: {
      200: {
        description: 'What the receiver answered, a refusal included.',
        content: {
          schema: webhookTestView,
          example: { success: true, responseStatus: 200, responseBody: 'ok', error: null },
        },
      },
    },
    errors: ['NOT_FOUND'],
  },
  {
    method: 'GET',
    path: `${path}/{id}/deliveries`,
    tag,
    summary: 'Show what became of what was sent',
    parameters: [idInPath, limitInQuery(100, 1000), pageToken],
    answers: {
      200: {
        description: 'A page of deliveries, the newest first.',
        content: { schema: webhookDeliveriesView, example: { deliveries: [delivery], nextPageToken: null } },
      },
    },
    errors: ['REQUEST_INVALID', 'NOT_FOUND'],
  },
  {
    method: 'POST',
    path: `${path}/deliveries/{id}/redeliver`,
    tag,
    summary: 'Send a delivery again',
    description: 'Under the same id, delivered or not: a receiver that keeps the ids it saw knows it again.',
    parameters: [inPath('id', z.string(), 'Id of the delivery.')],
    answers: {
      202: {
        description: 'It will be sent.',
        content: {
          schema: webhookDeliveryView,
          example: { ...delivery, state: 'pending', nextAttemptAt: '2026-11-21T12:10:00.000Z' },
        },
      },
    },
    errors: ['NOT_FOUND'],
  },
];
