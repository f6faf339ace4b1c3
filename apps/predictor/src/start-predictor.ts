import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '#messaging';
import { EventBusStrategy } from '#messaging/nest';
import { HttpErrorFilter, leadToDocs, startHttpApp, type ErrorBody } from '#runtime/nest';
import { ModelDirectory } from './core/model-directory.js';
import { Predict } from './core/predict.js';
import { Replica } from './core/replica.js';
import { AccessLog } from './inbound/access-log.js';
import { answerPlainRequests } from './inbound/fast-http/fast-http.js';
import { GrpcServer } from './inbound/grpc/grpc-server.js';
import { HotCalls } from './inbound/hot-calls.js';
import { mountHotRoutes } from './inbound/hot-routes.js';
import { takeBodiesAsBytes } from './inbound/json-body.js';
import { answerTrailingSlash } from './inbound/oip-http.controller.js';
import { oipError } from './inbound/oip-error.js';
import { scoringError } from './inbound/scoring-error.js';
import { markRequests, noteError } from './inbound/request-hooks.js';
import { PredictorIdentity } from './predictor.config.js';
import { predictorModule, type PredictorParts } from './predictor.module.js';

const errorBody: ErrorBody = (...fault) => oipError(...fault) ?? scoringError(...fault);

/** Starts a replica: HTTP first, then the promotions are followed; it is ready when these are read and served. */
export const startPredictor = async (parts: PredictorParts): Promise<NestFastifyApplication> => {
  const { settings, logger } = parts;
  const app = await startHttpApp(predictorModule(parts), {
    app: 'predictor',
    settings,
    logger,
    port: settings.PREDICTOR_PORT,
    bodyLimitBytes: settings.PREDICTOR_MAX_BODY_BYTES,
    errorBody,
    alsoListening: (made) => ({ grpc: made.get(GrpcServer, { strict: false }).port }),
    onError: noteError,
    configure: (made) => {
      const log = new AccessLog(logger, settings.ACCESS_LOG);
      const find = { strict: false };
      const calls = new HotCalls(made.get(ModelDirectory, find), made.get(Predict, find));
      markRequests(made, log);
      takeBodiesAsBytes(made, settings.PREDICTOR_MAX_BODY_BYTES);
      answerTrailingSlash(made);
      leadToDocs(made);
      mountHotRoutes(made, calls);
      const errors = new HttpErrorFilter(logger, errorBody);
      answerPlainRequests(made, { calls, log, errors, bodyLimitBytes: settings.PREDICTOR_MAX_BODY_BYTES });
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
