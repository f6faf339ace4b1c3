import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '#messaging';
import { EventBusStrategy } from '#messaging/nest';
import type { Logger, Settings } from '#runtime';
import { leadToDocs, startHttpApp } from '#runtime/nest';
import { refuseUnstorable } from './inbound/api/refuse-unstorable.js';
import { guardAttempts } from './inbound/guard-attempts.js';
import { guardBrowsers } from './inbound/guard-browsers.js';
import { configureMlflowHttp } from './inbound/mlflow/http-edge.js';
import { mlflowErrorBody } from './inbound/mlflow/mlflow-errors.js';
import { RegistryModule } from './registry.module.js';

/** Profiles of data sets may have 16 MB, and a batch of metrics is larger than web frameworks expect. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** HTTP first, then the events: neither waits for the database, the bus or the store. */
export const startRegistry = (settings: Settings, logger: Logger): Promise<NestFastifyApplication> =>
  startHttpApp(RegistryModule.forRoot(settings, logger), {
    app: 'registry',
    settings,
    logger,
    port: settings.REGISTRY_PORT,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    errorBody: mlflowErrorBody,
    configure: (app) => {
      guardBrowsers(app, settings);
      guardAttempts(app);
      leadToDocs(app);
      configureMlflowHttp(app);
      refuseUnstorable(app);
    },
    microservices: (app) => [
      new EventBusStrategy({
        bus: () => app.get(EventBus),
        consumer: 'registry',
        group: 'baton-registry',
        from: 'start',
        logger,
      }),
    ],
  });
