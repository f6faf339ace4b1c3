import type { Provider } from '@nestjs/common';
import { Clock, crashPoint, type Logger, type Settings } from '#runtime';
import { construct } from '#runtime/nest';
import { DeliverWebhooks } from './core/webhooks/deliver-webhooks.js';
import { ManageWebhooks } from './core/webhooks/manage-webhooks.js';
import { WebhookDeliveries } from './core/webhooks/webhook-deliveries.js';
import { WebhookSecrets } from './core/webhooks/webhook-secrets.js';
import { WebhookSender } from './core/webhooks/webhook-sender.js';
import { Webhooks } from './core/webhooks/webhooks.js';
import { HttpWebhookSender } from './outbound/http-webhook-sender.js';
import { PostgresWebhookDeliveries } from './outbound/postgres/postgres-webhook-deliveries.js';
import { PostgresWebhooks } from './outbound/postgres/postgres-webhooks.js';
import { RegistryDatabase } from './outbound/postgres/registry-database.js';

/** As long as MLflow waits for a receiver. */
const TIMEOUT_MS = 30_000;

/** Webhooks: their rows, the outbox of their deliveries, and who sends them. */
export const webhookProviders = (settings: Settings, logger: Logger): (Provider & { provide: unknown })[] => {
  // The deliverer reads the outbox and is woken by it; the outbox is made first.
  let wake = (): void => undefined;
  return [
    { ...construct(PostgresWebhooks, RegistryDatabase, Clock), provide: Webhooks },
    {
      provide: WebhookDeliveries,
      inject: [RegistryDatabase],
      useFactory: (database: RegistryDatabase) =>
        new PostgresWebhookDeliveries(database, () => {
          wake();
        }),
    },
    { provide: WebhookSecrets, useValue: new WebhookSecrets(settings.WEBHOOK_SECRET_KEY) },
    {
      provide: WebhookSender,
      useValue: new HttpWebhookSender({
        allowHttp: settings.WEBHOOKS_ALLOW_HTTP,
        allowPrivate: settings.WEBHOOKS_ALLOW_PRIVATE,
        timeoutMs: TIMEOUT_MS,
      }),
    },
    construct(ManageWebhooks, Webhooks, WebhookSecrets, WebhookSender, Clock),
    {
      provide: DeliverWebhooks,
      inject: [WebhookDeliveries, WebhookSecrets, WebhookSender, Clock],
      useFactory: (deliveries: WebhookDeliveries, secrets: WebhookSecrets, sender: WebhookSender, clock: Clock) => {
        const deliverer = new DeliverWebhooks(deliveries, secrets, sender, clock, logger, {
          pollMs: settings.OUTBOX_POLL_MS,
          firstWaitMs: settings.WEBHOOK_RETRY_BACKOFF_MS,
          onSent: () => {
            crashPoint('webhook:sent', settings.CRASH_AT);
          },
        });
        wake = () => {
          deliverer.nudge();
        };
        return deliverer;
      },
    },
  ];
};
