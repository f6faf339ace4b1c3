/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- answers are asserted on, field by field */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, services } from '#testing';
import { registryUnderTest, type Json, type RegistryUnderTest } from '../../registry.behaviour.js';
import { startReceiver } from '../../webhooks.behaviour.js';

const CREATED = { entity: 'REGISTERED_MODEL', action: 'CREATED' };
const key = Buffer.alloc(32, 7).toString('base64');

describe.skipIf(!services().postgres)('webhooks on the wire', () => {
  let registry: RegistryUnderTest;
  let strict: RegistryUnderTest;

  beforeAll(async () => {
    registry = await registryUnderTest({
      WEBHOOKS_ALLOW_HTTP: 'true',
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      WEBHOOK_SECRET_KEY: key,
    });
    strict = await registryUnderTest();
    for (const { mlflow } of [registry, strict]) await eventually(() => mlflow('GET', 'webhooks'));
  });
  afterAll(async () => {
    await registry.close();
    await strict.close();
  });

  const post = (body: unknown) => registry.call('POST', '/api/2.0/mlflow/webhooks', body);
  const made = async (more: object = {}): Promise<Json> =>
    (await registry.mlflow('POST', 'webhooks', { name: 'w', url: 'http://127.0.0.1:9/x', events: [CREATED], ...more }))
      .webhook;

  it('are created, read, changed and deleted as MLflow answers', async () => {
    const events = [CREATED, { entity: 3, action: 4 }, CREATED];
    const webhook = await made({ name: 'My.hook-1', description: '', events, status: 'DISABLED', secret: 's' });
    expect(webhook).toEqual({
      webhook_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'My.hook-1',
      url: 'http://127.0.0.1:9/x',
      events: [{ entity: 'MODEL_VERSION_TAG', action: 'SET' }, CREATED],
      status: 'DISABLED',
      creation_timestamp: expect.any(Number),
      last_updated_timestamp: webhook.creation_timestamp,
    });
    const path = `webhooks/${String(webhook.webhook_id)}`;
    expect((await registry.mlflow('GET', path)).webhook).toEqual(webhook);
    const changed = { name: '', events: [], description: 'd', status: 'ACTIVE', secret: '' };
    expect((await registry.mlflow('PATCH', path, changed)).webhook).toEqual({
      ...webhook,
      description: 'd',
      status: 'ACTIVE',
      last_updated_timestamp: expect.any(Number),
    });
    const budget = [{ entity: 'BUDGET_POLICY', action: 'EXCEEDED' }];
    expect((await registry.mlflow('PATCH', path, { events: budget, status: 'BOGUS' })).webhook).toMatchObject({
      events: budget,
      status: 'ACTIVE',
    });
    const ajax = await registry.call('GET', `/ajax-api/2.0/mlflow/${path}`);
    expect(ajax.body.webhook.events).toEqual(budget);
    expect(await registry.mlflow('DELETE', path)).toEqual({});
    expect(await registry.call('GET', `/api/2.0/mlflow/${path}`)).toMatchObject({
      status: 404,
      body: {
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: `Webhook with ID ${String(webhook.webhook_id)} not found.`,
      },
    });
  });

  it('are listed newest first, page by page', async () => {
    const other = await registryUnderTest({ WEBHOOKS_ALLOW_PRIVATE: 'true' });
    try {
      expect(await eventually(() => other.mlflow('GET', 'webhooks'))).toEqual({});
      for (const name of ['a', 'b', 'c'])
        await other.mlflow('POST', 'webhooks', { name, url: 'https://127.0.0.1', events: [CREATED] });
      const first = await other.mlflow('GET', 'webhooks?max_results=2');
      expect(first.webhooks.map(({ name }: Json) => name)).toEqual(['c', 'b']);
      const last = await other.mlflow('GET', `webhooks?max_results=2&page_token=${String(first.next_page_token)}`);
      expect(last).toEqual({ webhooks: [expect.objectContaining({ name: 'a' })] });
      expect((await other.mlflow('GET', 'webhooks?max_results=0')).webhooks).toHaveLength(3);
    } finally {
      await other.close();
    }
  });

  it.each([
    [{}, "Missing value for required parameter 'name'"],
    [{ name: 'a', url: 'https://x.example' }, "Missing value for required parameter 'events'"],
    [
      { name: 'a', url: 'http://x.example', events: [] },
      'Webhook events must be a non-empty list of WebhookEvent objects: [].',
    ],
    [{ name: 'a', url: 'http://x.example', events: 'x' }, `Invalid value "x" for parameter 'events' supplied:`],
    [{ name: 'a', url: 'http://x.example', events: [{}] }, "Missing value for required parameter 'events[0].entity'"],
    [
      { name: 'a', url: 'http://x.example', events: [{ entity: 'MODEL_VERSION_STAGE', action: 'TRANSITIONED' }] },
      'stage transitions are subscribed to by POST /api/v1/webhooks',
    ],
    [
      { name: 'a', url: 'http://x.example', events: [{ entity: 'PROMPT_ALIAS', action: 'UPDATED' }] },
      "Invalid action 'updated' for entity 'prompt_alias'. Valid actions are: ['created', 'deleted']",
    ],
    [{ name: 'a', url: 'http://x.example', events: [CREATED], status: 7 }, "Invalid value 7 for parameter 'status'"],
    [{ name: 5, url: 'http://x.example', events: [CREATED] }, "Invalid value 5 for parameter 'name' supplied:"],
    [{ name: '-a', url: 'http://x.example', events: [CREATED] }, "Webhook name '-a' is invalid. It must start and end"],
    [{ name: 'a'.repeat(64), url: 'http://x.example', events: [CREATED] }, 'be less than 63 characters long'],
    [
      { name: 'a', url: 'ftp://x.example', events: [CREATED] },
      "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: http, https.",
    ],
    [{ name: 'a', url: ' ', events: [CREATED] }, "Webhook URL cannot be empty or just whitespace: ' '"],
    [{ name: 'a', url: 'http://', events: [CREATED] }, "Webhook URL must include a hostname: 'http://'"],
    [{ name: 'a', url: 'nonsense', events: [CREATED] }, "Invalid webhook URL scheme: ''"],
    [{ name: 'a', url: `http://x/${'y'.repeat(3000)}`, events: [CREATED] }, 'url'],
  ])('refuse %j', async (body, message) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toContain(message === 'url' ? '' : message);
  });

  it.each([
    ['webhooks?max_results=-1', 'max_results must be between 1 and 1000.'],
    ['webhooks?max_results=1001', 'max_results must be between 1 and 1000.'],
    ['webhooks?page_token=zz', 'Invalid page token, could not base64-decode'],
  ])('refuse %s', async (path, message) => {
    const answer = await registry.call('GET', `/api/2.0/mlflow/${path}`);
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } });
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/test'],
  ])('answer %s nope%s with 404', async (method, rest) => {
    const answer = await registry.call(
      method,
      `/api/2.0/mlflow/webhooks/nope${rest}`,
      method === 'GET' ? undefined : {},
    );
    expect(answer).toMatchObject({ status: 404, body: { message: 'Webhook with ID nope not found.' } });
  });

  it.each([
    ['http://hooks.example/x', 'Set WEBHOOKS_ALLOW_HTTP=true'],
    ['https://127.0.0.1/x', "'127.0.0.1' resolves to 127.0.0.1. Set WEBHOOKS_ALLOW_PRIVATE=true"],
    ['https://0x7f.1/x', 'WEBHOOKS_ALLOW_PRIVATE'],
    ['https://[::ffff:10.0.0.1]/x', 'WEBHOOKS_ALLOW_PRIVATE'],
    ['https://169.254.169.254/latest', 'WEBHOOKS_ALLOW_PRIVATE'],
    ['https://localhost/x', 'WEBHOOKS_ALLOW_PRIVATE'],
    ['https://no-such-host.invalid/x', "Cannot resolve Webhook URL hostname 'no-such-host.invalid'"],
  ])('by default refuse %s', async (url, message) => {
    const answer = await strict.call('POST', '/api/2.0/mlflow/webhooks', { name: 'a', url, events: [CREATED] });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toContain(message);
  });

  it('without a key refuse a secret, saying what to set', async () => {
    const body = { name: 'a', url: 'https://1.1.1.1', events: [CREATED], secret: 's' };
    const answer = await strict.call('POST', '/api/2.0/mlflow/webhooks', body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain('WEBHOOK_SECRET_KEY');
    expect((await strict.call('POST', '/api/2.0/mlflow/webhooks', { ...body, secret: '' })).status).toBe(200);
  });

  it('are tested by an example of their first event, or of the one that is asked for', async () => {
    let moved = false;
    const receiver = await startReceiver((_, response, count) => {
      response.statusCode = moved ? 302 : count === 1 ? 200 : 418;
      response.end('heard');
    });
    const { webhook_id } = await made({ url: receiver.url, secret: 's' });
    const test = (body: object) => registry.mlflow('POST', `webhooks/${String(webhook_id)}/test`, body);
    expect(await test({})).toEqual({ result: { success: true, response_status: 200, response_body: 'heard' } });
    expect(await test({ event: { entity: 'PROMPT_TAG', action: 'DELETED' } })).toEqual({
      result: { success: false, response_status: 418, response_body: 'heard' },
    });
    expect(receiver.received.map(({ event }) => [event.entity, event.action, event.data])).toEqual([
      [
        'registered_model',
        'created',
        { name: 'example_model', tags: { example_key: 'example_value' }, description: 'An example registered model' },
      ],
      ['prompt_tag', 'deleted', { name: 'example_prompt', key: 'example_key' }],
    ]);
    moved = true;
    expect(await test({})).toEqual({ result: { success: false, response_status: 302, response_body: 'heard' } });
    await receiver.close();
    expect(await test({})).toEqual({
      result: {
        success: false,
        error_message: expect.stringContaining('Failed to test webhook: The receiver could not'),
      },
    });
    expect(
      (await registry.call('POST', `/api/2.0/mlflow/webhooks/${String(webhook_id)}/test`, { event: {} })).status,
    ).toBe(400);
  });

  it('with our own event are shown by our own API; MLflow sees of them what its client can read', async () => {
    const api = (method: string, path: string, body?: unknown) =>
      registry.call(method, `/api/v1/webhooks${path}`, body);
    const url = 'http://127.0.0.1:9';
    const ours = 'model_version_stage.transitioned';
    const { body: only } = await api('POST', '', { name: 'only', url, events: [ours], secret: 'top' });
    expect(only).toEqual({
      id: expect.any(String),
      name: 'only',
      description: null,
      url,
      events: [ours],
      status: 'ACTIVE',
      signed: true,
      createdAt: expect.any(String),
      updatedAt: only.createdAt,
    });
    const { body: both } = await api('POST', '', { name: 'both', url, events: [ours, 'model_version.created'] });
    const listed = await registry.mlflow('GET', 'webhooks?max_results=1000');
    const names = listed.webhooks.map(({ name }: Json) => name);
    expect(names).toContain('both');
    expect(names).not.toContain('only');
    expect((await registry.call('DELETE', `/api/2.0/mlflow/webhooks/${String(only.id)}`)).status).toBe(404);
    const { webhook } = await registry.mlflow('PATCH', `webhooks/${String(both.id)}`, { events: [CREATED] });
    expect(webhook.events).toEqual([CREATED]);
    expect((await api('GET', `/${String(both.id)}`)).body.events).toEqual([ours, 'registered_model.created']);
    const patched = await api('PATCH', `/${String(only.id)}`, { secret: '', status: 'DISABLED' });
    expect(patched.body).toMatchObject({ signed: false, status: 'DISABLED' });
    expect((await api('GET', '?limit=1')).body).toMatchObject({ webhooks: [{ name: 'both' }] });
    expect((await api('POST', '', { name: 'x', url, events: ['no.such'] })).body.code).toBe('REQUEST_INVALID');
    expect((await api('DELETE', `/${String(only.id)}`)).status).toBe(204);
    expect((await api('GET', `/${String(only.id)}/deliveries`)).status).toBe(404);
    expect((await api('POST', `/deliveries/nope/redeliver`)).status).toBe(404);
  });
});
