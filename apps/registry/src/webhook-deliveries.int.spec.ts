/* eslint-disable @typescript-eslint/no-unsafe-member-access -- answers are asserted on, field by field */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebhookDeliveriesView } from '#contracts';
import { eventually, services, uniqueName } from '#testing';
import { Transactions } from './core/transactions.js';
import { registryUnderTest, trainAndRegister, type RegistryUnderTest } from './registry.behaviour.js';
import { RegisteredModels } from './core/registered-models.js';
import { isSignedBy, startReceiver, type Received, type Receiver } from './webhooks.behaviour.js';

const everything = [
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
  'model_version_stage.transitioned',
];
const said = ({ event }: Received): string => `${event.entity}.${event.action}`;

describe.skipIf(!services().postgres)('what webhooks deliver', () => {
  let registry: RegistryUnderTest;
  const receivers: Receiver[] = [];

  beforeAll(async () => {
    registry = await registryUnderTest({
      WEBHOOKS_ALLOW_HTTP: 'true',
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      WEBHOOK_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      WEBHOOK_RETRY_BACKOFF_MS: 50,
    });
    await eventually(() => registry.mlflow('GET', 'webhooks'));
  });
  afterAll(async () => {
    await Promise.all(receivers.map((receiver) => receiver.close()));
    await registry.close();
  });

  const listen = async (...given: Parameters<typeof startReceiver>): Promise<Receiver> => {
    const receiver = await startReceiver(...given);
    receivers.push(receiver);
    return receiver;
  };
  const subscribe = async (url: string, events: string[], more: object = {}): Promise<string> => {
    const made = await registry.call('POST', '/api/v1/webhooks', { name: 'w', url, events, ...more });
    expect(made.status).toBe(201);
    return made.body.id as string;
  };
  const unsubscribe = (id: string) => registry.call('DELETE', `/api/v1/webhooks/${id}`);
  const log = async (id: string, query = ''): Promise<WebhookDeliveriesView> =>
    (await registry.call('GET', `/api/v1/webhooks/${id}/deliveries${query}`)).body as WebhookDeliveriesView;
  const create = (name: string, tags: object[] = []) =>
    registry.mlflow('POST', 'registered-models/create', { name, tags });

  it('is every event of a model, signed, whichever door a change came through', async () => {
    const receiver = await listen();
    const id = await subscribe(receiver.url, everything, { secret: 'geheim' });
    const name = uniqueName('model');
    await trainAndRegister(registry, name, 1);
    await trainAndRegister(registry, name, 2);
    const about = { name, version: '1' };
    await registry.mlflow('POST', 'model-versions/set-tag', { ...about, key: 'k', value: 'v' });
    await registry.mlflow('DELETE', 'model-versions/delete-tag', { ...about, key: 'k' });
    await registry.mlflow('POST', 'registered-models/alias', { ...about, alias: 'blue' });
    await registry.mlflow('POST', 'registered-models/alias', { ...about, alias: 'blue' });
    await registry.mlflow('DELETE', 'registered-models/alias', { name, alias: 'blue' });
    await registry.mlflow('POST', 'model-versions/transition-stage', {
      ...about,
      stage: 'staging',
      archive_existing_versions: false,
    });
    await registry.call('POST', `/api/v1/models/${name}/promotions`, { version: 1 });
    await registry.call('POST', `/api/v1/models/${name}/promotions`, { version: 2 });
    await registry.call('POST', `/api/v1/models/${name}/rollback`, {});
    // Written in the transactions of the changes: all of them are there by now, sent or not.
    const expected = (await log(id)).deliveries.length;
    await eventually(() => {
      expect(receiver.received).toHaveLength(expected);
    });
    const own = receiver.received;
    const data = (event: string) => own.filter((one) => said(one) === event).map((one) => one.event.data);
    expect(data('registered_model.created')).toEqual([{ name, tags: {}, description: '' }]);
    expect(
      data('model_version.created')
        .map(({ version }) => version)
        .sort(),
    ).toEqual(['1', '2']);
    expect(data('model_version.created')[0]).toMatchObject({
      source: expect.stringContaining('models:/m-') as string,
      run_id: expect.any(String) as string,
      description: null,
    });
    expect(data('model_version_tag.set')).toContainEqual({ ...about, key: 'k', value: 'v' });
    expect(data('model_version_tag.deleted')).toEqual([{ ...about, key: 'k' }]);
    const aliases = data('model_version_alias.created').map(
      ({ alias, version }) => `${String(alias)}=${String(version)}`,
    );
    expect(aliases.sort()).toEqual(['blue=1', 'champion=1', 'champion=1', 'champion=2']);
    expect(data('model_version_alias.deleted')).toEqual([{ name, alias: 'blue' }]);
    const moves = data('model_version_stage.transitioned').map(
      ({ version, from_stage, to_stage }) => `${String(version)}: ${String(from_stage)} to ${String(to_stage)}`,
    );
    expect(moves.sort()).toEqual([
      '1: Archived to Production',
      '1: None to Staging',
      '1: Production to Archived',
      '1: Staging to Production',
      '2: None to Production',
      '2: Production to Archived',
    ]);
    expect(own.every((one) => isSignedBy('geheim', one))).toBe(true);
    expect(own.some((one) => isSignedBy('wrong', one))).toBe(false);
    expect(own[0].event.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    expect(new Set(own.map(({ headers }) => headers['x-mlflow-delivery-id'])).size).toBe(own.length);
    const logged = await eventually(async () => {
      const { deliveries } = await log(id);
      expect(deliveries.every(({ state }) => state === 'delivered')).toBe(true);
      return deliveries;
    });
    expect(logged.map(({ body }) => body).sort()).toEqual(receiver.received.map(({ body }) => body).sort());
    const page = await log(id, '?limit=2');
    expect(page.deliveries).toEqual(logged.slice(0, 2));
    const next = await log(id, `?limit=2&pageToken=${encodeURIComponent(page.nextPageToken ?? '')}`);
    expect(next.deliveries).toEqual(logged.slice(2, 4));
    await unsubscribe(id);
  });

  it('tells prompts apart from models', async () => {
    const receiver = await listen();
    const id = await subscribe(receiver.url, everything);
    const name = uniqueName('prompt');
    const mark = { key: 'mlflow.prompt.is_prompt', value: 'true' };
    await create(name, [mark, { key: 'team', value: 'x' }]);
    const template = { key: 'mlflow.prompt.text', value: 'Hello {{name}}!' };
    await registry.mlflow('POST', 'model-versions/create', { name, source: 'dummy-source', tags: [mark, template] });
    const about = { name, version: '1' };
    await registry.mlflow('POST', 'registered-models/set-tag', { name, key: 'a', value: 'b' });
    await registry.mlflow('DELETE', 'registered-models/delete-tag', { name, key: 'a' });
    await registry.mlflow('POST', 'model-versions/set-tag', { ...about, key: 'c', value: 'd' });
    await registry.mlflow('DELETE', 'model-versions/delete-tag', { ...about, key: 'c' });
    await registry.mlflow('POST', 'registered-models/alias', { ...about, alias: 'live' });
    await registry.mlflow('DELETE', 'registered-models/alias', { name, alias: 'live' });
    await eventually(() => {
      expect(receiver.received).toHaveLength(8);
    });
    const heard = Object.fromEntries(receiver.received.map((one) => [said(one), one.event.data]));
    expect(heard).toEqual({
      'prompt.created': { name, tags: { team: 'x' }, description: '' },
      'prompt_version.created': { ...about, template: 'Hello {{name}}!', tags: {}, description: null },
      'prompt_tag.set': { name, key: 'a', value: 'b' },
      'prompt_tag.deleted': { name, key: 'a' },
      'prompt_version_tag.set': { ...about, key: 'c', value: 'd' },
      'prompt_version_tag.deleted': { ...about, key: 'c' },
      'prompt_alias.created': { ...about, alias: 'live' },
      'prompt_alias.deleted': { name, alias: 'live' },
    });
    await unsubscribe(id);
  });

  it('is tried again after 503 and after a broken connection, the same bytes under the same id', async () => {
    const receiver = await listen((_, response, count) => {
      if (count === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else if (count === 2) response.destroy();
      else response.end();
    });
    const id = await subscribe(receiver.url, ['registered_model.created'], { secret: 's' });
    await create(uniqueName('model'));
    const [delivery] = await eventually(async () => {
      const { deliveries } = await log(id);
      expect(deliveries).toMatchObject([{ state: 'delivered' }]);
      return deliveries;
    });
    expect(delivery).toMatchObject({ attempts: 3, responseStatus: 200, error: null, nextAttemptAt: null });
    const [first, ...others] = receiver.received;
    expect(others).toHaveLength(2);
    for (const one of receiver.received) {
      expect(one.body).toBe(first.body);
      expect(one.headers['x-mlflow-delivery-id']).toBe(delivery.id);
      expect(isSignedBy('s', one)).toBe(true);
    }
    const again = await registry.call('POST', `/api/v1/webhooks/deliveries/${delivery.id}/redeliver`);
    expect(again).toMatchObject({ status: 202, body: { id: delivery.id, state: 'pending' } });
    await eventually(() => {
      expect(receiver.received).toHaveLength(4);
    });
    expect(receiver.received[3].headers['x-mlflow-delivery-id']).toBe(delivery.id);
    await unsubscribe(id);
  });

  it('ends at the first answer that no retry mends, a redirect too, and follows none', async () => {
    const receiver = await listen((request, response) => {
      if (request.path === '/moved') response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end();
      else response.writeHead(410).end();
    });
    const gone = await subscribe(`${receiver.url}/gone`, ['registered_model.created']);
    const moved = await subscribe(`${receiver.url}/moved`, ['registered_model.created']);
    await create(uniqueName('model'));
    await eventually(async () => {
      expect((await log(gone)).deliveries).toMatchObject([{ state: 'failed', attempts: 1, responseStatus: 410 }]);
      expect((await log(moved)).deliveries).toMatchObject([
        { state: 'failed', error: expect.stringContaining('redirects are not followed') as string },
      ]);
    });
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/gone', '/moved']);
    await unsubscribe(gone);
    await unsubscribe(moved);
  });

  it('is nothing while the webhook is disabled, and nothing of a transaction that was rolled back', async () => {
    const receiver = await listen();
    const id = await subscribe(receiver.url, ['registered_model.created'], { status: 'DISABLED' });
    await create(uniqueName('model'));
    await registry.call('PATCH', `/api/v1/webhooks/${id}`, { status: 'ACTIVE' });
    const name = uniqueName('rolled-back');
    const rolledBack = registry.app.get(Transactions).run(async () => {
      await registry.app.get(RegisteredModels).create({ name, tags: [] });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    const last = uniqueName('model');
    await create(last);
    await eventually(() => {
      expect(receiver.received.length).toBeGreaterThan(0);
    });
    expect(receiver.received.map(({ event }) => event.data.name)).toEqual([last]);
    expect((await log(id)).deliveries).toHaveLength(1);
    await unsubscribe(id);
  });

  it('does not wait for a receiver that hangs', async () => {
    const hanging = await listen(() => undefined);
    const quick = await listen();
    const slow = await subscribe(hanging.url, ['registered_model.created']);
    const fast = await subscribe(quick.url, ['registered_model.created']);
    for (let count = 0; count < 8; count += 1) await create(uniqueName('model'));
    await eventually(() => {
      expect(quick.received).toHaveLength(8);
    });
    // No more than four of one webhook are on their way, however many are due.
    expect(hanging.received).toHaveLength(4);
    await unsubscribe(slow);
    await unsubscribe(fast);
  });

  it('goes out again when who took it was killed, and is forgotten after its time', async () => {
    const receiver = await listen();
    const id = await subscribe(receiver.url, ['registered_model.created']);
    await create(uniqueName('model'));
    await eventually(async () => {
      expect((await log(id)).deliveries).toMatchObject([{ state: 'delivered' }]);
    });
    const client = new pg.Client({ connectionString: registry.databaseUrl });
    await client.connect();
    // As a process leaves it that was killed between sending and noting: taken, and its time is over.
    await client.query(
      `update registry.webhook_deliveries set state = 'pending', next_attempt_at = now() - interval '1 s'`,
    );
    await eventually(() => {
      expect(receiver.received).toHaveLength(2);
    });
    const [first, second] = receiver.received;
    expect(second.headers['x-mlflow-delivery-id']).toBe(first.headers['x-mlflow-delivery-id']);
    expect(second.body).toBe(first.body);
    await client.end();
    await unsubscribe(id);
  });
});
