import { Module, type BeforeApplicationShutdown, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { required, type Logger, type Settings } from '#runtime';
import { EventBus } from '../event-bus.js';
import { EventPublisher } from '../event-publisher.js';
import { KafkaEventBus } from '../kafka/kafka-event-bus.js';
import { PostgresEventBus } from '../postgres/postgres-event-bus.js';

/** KAFKA_BROKERS set: Kafka; else the Postgres log. Connects at first use, so a bus that is away stops nobody from starting. */
export const eventBusFrom = (settings: Settings, logger: Logger): Promise<EventBus> =>
  new Promise((resolve) => {
    resolve(
      settings.KAFKA_BROKERS === undefined
        ? new PostgresEventBus({
            connectionString: required(settings, 'DATABASE_URL'),
            pollMs: settings.POSTGRES_BUS_POLL_MS,
            logger,
          })
        : new KafkaEventBus({ brokers: settings.KAFKA_BROKERS, logger }),
    );
  });

/** Subscriptions end while HTTP is still up; the bus itself goes last, when all have said what they had to say. */
class BusLifetime implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(private readonly bus: EventBus) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.bus.stopListening();
  }

  onApplicationShutdown(): Promise<void> {
    return this.bus.close();
  }
}

@Module({})
export class EventBusModule {
  /** Provides `EventBus` and `EventPublisher` to every module. */
  static forRoot(settings: Settings, logger: Logger): DynamicModule {
    return {
      module: EventBusModule,
      global: true,
      providers: [
        { provide: EventBus, useFactory: () => eventBusFrom(settings, logger) },
        { provide: EventPublisher, useExisting: EventBus },
        { provide: BusLifetime, inject: [EventBus], useFactory: (bus: EventBus) => new BusLifetime(bus) },
      ],
      exports: [EventBus, EventPublisher],
    };
  }
}
