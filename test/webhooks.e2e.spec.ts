import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webhookDeliveriesView, type WebhookView } from '#contracts';
import { eventually, uniqueName } from '#testing';
import { startReceiver, type Receiver } from '../apps/registry/src/webhooks.behaviour.js';
import { Platform } from './platform.js';
import { stacks } from './stacks.js';

describe.each(stacks.filter(({ stack }) => stack === 'embedded'))(
  'webhooks of a registry that is killed',
  ({ missing }) => {
    describe.skipIf(missing)('with its services', () => {
      let platform: Platform;
      let receiver: Receiver;

      beforeAll(async () => {
        receiver = await startReceiver();
        platform = await Platform.prepare('embedded', {
          environment: { WEBHOOKS_ALLOW_HTTP: 'true', WEBHOOKS_ALLOW_PRIVATE: 'true' },
        });
      }, 900_000);
      afterAll(async () => {
        await platform.close();
        await receiver.close();
      });
      beforeEach(() => {
        platform.explainFailure();
      });

      const post = async (path: string, body: object): Promise<unknown> => {
        const answer = await fetch(`${platform.registryUrl}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect(answer.ok).toBe(true);
        return answer.json();
      };

      it(
        'are sent by the next one: what was sent and not noted again under its id, what was waiting, too',
        { timeout: 120_000 },
        async () => {
          await platform.start('registry', { CRASH_AT: 'webhook:sent' });
          const wish = { name: 'w', url: receiver.url, events: ['registered_model.created'] };
          const { id } = (await post('/api/v1/webhooks', wish)) as WebhookView;
          const [sent, waiting] = [uniqueName('Sent'), uniqueName('Waiting')];
          await post('/api/2.0/mlflow/registered-models/create', { name: sent });
          await platform.died('registry');
          expect(receiver.received.map(({ event }) => event.data.name)).toEqual([sent]);

          const client = new pg.Client({ connectionString: platform.environment.DATABASE_URL });
          await client.connect();
          // One that was written and never tried, as a registry leaves it that dies right after a commit.
          await client.query(
            `insert into registry.webhook_deliveries (webhook_id, event, body, retry_until)
         select webhook_id, event, replace(body, $1, $2), retry_until from registry.webhook_deliveries`,
            [sent, waiting],
          );
          // The dead one's minute is over.
          await client.query('update registry.webhook_deliveries set next_attempt_at = now()');
          await client.end();
          await platform.start('registry');
          await eventually(async () => {
            const answer = await fetch(`${platform.registryUrl}/api/v1/webhooks/${id}/deliveries`);
            const { deliveries } = webhookDeliveriesView.parse(await answer.json());
            expect(deliveries.map(({ state, attempts }) => [state, attempts])).toEqual([
              ['delivered', 1],
              ['delivered', 2],
            ]);
          });
          const [first, ...others] = receiver.received;
          const [again, other] = others.sort((one) => (one.event.data.name === sent ? -1 : 1));
          expect(others).toHaveLength(2);
          expect(again).toMatchObject({ body: first.body });
          expect(again.headers['x-mlflow-delivery-id']).toBe(first.headers['x-mlflow-delivery-id']);
          expect(other.event.data.name).toBe(waiting);
        },
      );
    });
  },
);
