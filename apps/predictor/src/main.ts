#!/usr/bin/env node
import { EventBusModule } from '#messaging/nest';
import { runMain } from '#runtime/nest';
import { ThreadedSource } from './outbound/threaded-source.js';
import { startPredictor } from './start-predictor.js';

await runMain('predictor', (settings, logger) =>
  startPredictor({
    settings,
    logger,
    bus: EventBusModule.forRoot(settings, logger),
    source: () => new ThreadedSource(settings),
  }),
);
