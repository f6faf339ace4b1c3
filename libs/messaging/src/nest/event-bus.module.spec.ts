import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { readSettings, SilentLogger } from '#runtime';
import { EventBus } from '../event-bus.js';
import { EventPublisher } from '../event-publisher.js';
import { KafkaEventBus } from '../kafka/kafka-event-bus.js';
import { PostgresEventBus } from '../postgres/postgres-event-bus.js';
import { EventBusModule, eventBusFrom } from './event-bus.module.js';

/** Nobody listens there. */
const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
const KAFKA_BROKERS = '127.0.0.1:1';
const logger = new SilentLogger();

describe('the bus of the settings', () => {
  it.each([
    ['Kafka where it is named', { KAFKA_BROKERS, DATABASE_URL }, KafkaEventBus],
    ['the Postgres log where it is not', { DATABASE_URL }, PostgresEventBus],
  ])('is %s', async (_name, environment, kind) => {
    const bus = await eventBusFrom(readSettings(environment), logger);
    expect(bus).toBeInstanceOf(kind);
    await bus.close();
  });

  it('needs one of them', async () => {
    await expect(eventBusFrom(readSettings({}), logger)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });
});

describe('EventBusModule', () => {
  it('starts while the bus is away, gives one bus to all, and closes it at the end', async () => {
    @Module({ imports: [EventBusModule.forRoot(readSettings({ DATABASE_URL }), logger)] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    const bus = app.get(EventBus);
    expect(app.get(EventPublisher)).toBe(bus);
    expect(await bus.healthy()).toBe(false);
    const waiting = bus.subscribe({ topic: 't', group: 'g', from: 'start', handler: () => Promise.resolve() });
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await app.close();
    await outcome;
  });
});
