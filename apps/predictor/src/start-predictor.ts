import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '#messaging';
import { EventBusStrategy } from '#messaging/nest';
import { leadToDocs, startHttpApp } from '#runtime/nest';
import { Replica } from './core/replica.js';
import { GrpcServer } from './inbound/grpc/grpc-server.js';
import { mountHotRoutes } from './inbound/hot-routes.js';
import { takeBodiesAsBytes } from './inbound/json-body.js';
import { answerTrailingSlash } from './inbound/oip-http.controller.js';
import { oipError } from './inbound/oip-error.js';
import { scoringError } from './inbound/scoring-error.js';
import { markRequests, noteError } from './inbound/request-hooks.js';
import { PredictorIdentity } from './predictor.config.js';
import { predictorModule, type PredictorParts } from './predictor.module.js';

/** Starts a replica: HTTP first, then the promotions are followed; it is ready when these are read and served. */
export const startPredictor = async (parts: PredictorParts): Promise<NestFastifyApplication> => {
  const { settings, logger } = parts;
  const app = await startHttpApp(predictorModule(parts), {
    app: 'predictor',
    settings,
    logger,
    port: settings.PREDICTOR_PORT,
    bodyLimitBytes: settings.PREDICTOR_MAX_BODY_BYTES,
    errorBody: (...fault) => oipError(...fault) ?? scoringError(...fault),
    alsoListening: (made) => ({ grpc: made.get(GrpcServer, { strict: false }).port }),
    onError: noteError,
    configure: (made) => {
      markRequests(made, logger, settings.ACCESS_LOG);
      takeBodiesAsBytes(made, settings.PREDICTOR_MAX_BODY_BYTES);
      answerTrailingSlash(made);
      mountHotRoutes(made);
      leadToDocs(made);
    },
    microservices: (made) => {
      const strategy = new EventBusStrategy({
        bus: () => made.get(EventBus),
        consumer: 'predictor',
        group: made.get(PredictorIdentity, { strict: false }).newGroup(),
        from: 'start',
        logger,
      });
      void strategy.caughtUp('model.promoted').then(() => {
        made.get(Replica, { strict: false }).catchUp();
      });
      return [strategy];
    },
  });
  const { port } = app.getHttpServer().address() as AddressInfo;
  app.get(PredictorIdentity, { strict: false }).listensOn(port);
  return app;
};
