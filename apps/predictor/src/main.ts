#!/usr/bin/env node
import { ArtifactStoreModule } from '#artifacts/nest';
import { EventBusModule } from '#messaging/nest';
import { runMain } from '#runtime/nest';
import { startPredictor } from './start-predictor.js';

await runMain('predictor', (settings, logger) =>
  startPredictor({
    settings,
    logger,
    bus: EventBusModule.forRoot(settings, logger),
    artifacts: ArtifactStoreModule.forRoot(settings),
  }),
);
