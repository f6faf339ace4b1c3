import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestMicroservice, type CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../settings.js';
import type { Logger } from '../logger.js';
import { messageOf } from '../platform-error.js';
import { answerClientErrors } from './client-errors.js';
import { closeConnectionsWith } from './close-connections.js';
import { closeOnSignals } from './close-on-signals.js';
import { listenError } from './listen-error.js';
import { HttpErrorFilter, type ErrorBody, type OnError } from './http-error.filter.js';
import { NestLogger } from './nest-logger.js';
import { OriginalErrorFilter } from './original-error.filter.js';

export interface HttpAppOptions {
  /** Name of the app: in the `listening` line and, upper-cased, in the name of its port setting. */
  app: string;
  settings: Settings;
  logger: Logger;
  /** 0 takes a free one; the `listening` line tells which. */
  port: number;
  /** Largest request body that is parsed; 10 MiB when absent. Content type parsers may have limits of their own. */
  bodyLimitBytes?: number;
  /** What hears events; made from the app when they need something out of it. */
  microservices?: CustomTransportStrategy[] | ((app: NestFastifyApplication) => CustomTransportStrategy[]);
  /** Error answers in another protocol's words; see `ErrorBody`. */
  errorBody?: ErrorBody;
  /** Ports besides that of HTTP, by protocol, for the `listening` line. */
  alsoListening?: (app: NestFastifyApplication) => Record<string, number | undefined>;
  /** Told of each error before it is answered. */
  onError?: OnError;
  /** Last touch before anything is initialised: content type parsers, hooks, static files. */
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/** Names of models (250 characters, each up to 12 when URL-encoded) are path parameters; the router's default is 100. */
const MAX_PARAM_LENGTH = 4096;

/**
 * Makes Nest on Fastify and listens. HTTP is live first; event handlers start after it and on their own, so that a bus which
 * is down keeps nobody from asking how we are. Prints `{"app":…,"listening":<port>}` on stdout once HTTP answers.
 * @throws PlatformError CONFIGURATION_INVALID when the port is taken; whatever a provider threw while it was made.
 */
export const startHttpApp = async (
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> => {
  const { logger } = options;
  const errors = new HttpErrorFilter(logger, options.errorBody, options.onError);
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? 10 * 1024 * 1024,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    clientErrorHandler: answerClientErrors(errors),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      errors.answer(error, request, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  let closed = false;
  try {
    app.useGlobalFilters(errors);
    closeConnectionsWith(adapter.getInstance());
    await options.configure?.(app);
    connect(app, options.microservices);
    const ignoreSignals = closeOnSignals(app, logger);
    adapter.getInstance().addHook('onClose', (_instance, done) => {
      closed = true;
      ignoreSignals();
      done();
    });
    await listen(app, options);
  } catch (error) {
    // What was opened on the way (pools, timers) must not keep a process alive that could not start.
    await app.close().catch((late: unknown) => {
      logger.debug(`Closing after a failed start: ${messageOf(late)}`);
    });
    throw error;
  }
  app.startAllMicroservices().catch((error: unknown) => {
    // Closed before they had started: their giving up is what was asked for.
    if (closed) return;
    logger.error(`The event handlers could not start: ${messageOf(error)}`, { error });
    process.exit(1);
  });
  return app;
};

const connect = (app: NestFastifyApplication, strategies: HttpAppOptions['microservices'] = []): void => {
  for (const strategy of typeof strategies === 'function' ? strategies(app) : strategies) {
    const microservice = app.connectMicroservice({ strategy }, { deferInitialization: true });
    microservice.useGlobalFilters(new OriginalErrorFilter());
    // Deferred, it registers its handlers when it starts; the container's hooks are the app's to run, once.
    if (microservice instanceof NestMicroservice) microservice.setIsInitHookCalled(true);
  }
};

const listen = async (
  app: NestFastifyApplication,
  { app: name, settings, port, alsoListening }: HttpAppOptions,
): Promise<void> => {
  try {
    await app.listen(port, settings.HOST);
  } catch (error) {
    throw listenError(error, { host: settings.HOST, port, setting: `${name.toUpperCase()}_PORT` });
  }
  const { port: taken } = app.getHttpServer().address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ app: name, listening: taken, ...alsoListening?.(app) })}\n`);
};
