import { Module } from '@nestjs/common';
import { EventBus } from '#messaging';
import { EventBusStrategy } from '#messaging/nest';
import { runMain, startHttpApp } from '#runtime/nest';
import { TrainerModule } from './trainer.module.js';

void runMain('trainer', (settings, logger) => {
  @Module({ imports: [TrainerModule.forRoot(settings, logger)] })
  class App {}

  return startHttpApp(App, {
    app: 'trainer',
    settings,
    logger,
    port: settings.TRAINER_PORT,
    microservices: (app) => [
      new EventBusStrategy({
        bus: () => app.get(EventBus),
        consumer: 'trainer',
        group: 'baton-trainer',
        from: 'start',
        logger,
      }),
    ],
  });
});
