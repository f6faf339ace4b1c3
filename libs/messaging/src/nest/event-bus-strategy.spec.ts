import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deadLetterTopic, writeEvent, type CloudEvent, type ModelPromoted, type TrainingRequested } from '#contracts';
import { PlatformError, readSettings, SilentLogger } from '#runtime';
import { startHttpApp } from '#runtime/nest';
import { eventually } from '#testing';
import { EventBus } from '../event-bus.js';
import { listDeadLetters } from '../dead-letters.js';
import { InMemoryEventBus } from '../memory/in-memory-event-bus.js';
import { type EventBusContext } from './event-context.js';
import { EventBusStrategy, type EventBusStrategyOptions } from './event-bus-strategy.js';

const heard: { name: string; event: CloudEvent; attempt: number }[] = [];
let behave: (event: CloudEvent) => Promise<void> = () => Promise.resolve();

@Controller()
class Consumer {
  @EventPattern<string>('training.requested')
  async requested(@Payload() event: CloudEvent<TrainingRequested>, @Ctx() context: EventBusContext): Promise<void> {
    heard.push({ name: 'requested', event, attempt: context.attempt });
    await context.heartbeat();
    await behave(event);
  }

  @EventPattern<string>('model.promoted')
  promoted(@Payload() event: CloudEvent<ModelPromoted | null>): Promise<void> {
    heard.push({ name: 'promoted', event, attempt: 1 });
    return behave(event);
  }
}

const bus = { current: new InMemoryEventBus() };

@Module({ controllers: [Consumer], providers: [{ provide: EventBus, useFactory: () => bus.current }] })
class App {}

describe('EventBusStrategy in a Nest app', () => {
  let app: NestFastifyApplication | undefined;
  let strategy: EventBusStrategy;
  const exits: number[] = [];
  const start = async (over: Partial<EventBusStrategyOptions> = {}) => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const logger = new SilentLogger();
    app = await startHttpApp(App, {
      app: 'predictor',
      settings: readSettings({ HOST: '127.0.0.1' }),
      logger,
      port: 0,
      microservices: (made) => {
        strategy = new EventBusStrategy({
          bus: () => made.get(EventBus),
          consumer: 'predictor',
          group: 'g',
          from: 'start',
          logger,
          retry: { attempts: 3, initialMs: 1, factor: 1, maxMs: 1 },
          environment: { attempts: Infinity, initialMs: 1, factor: 1, maxMs: 1 },
          exit: (code) => exits.push(code),
          ...over,
        });
        return [strategy];
      },
    });
    vi.restoreAllMocks();
    return app;
  };
  afterEach(async () => {
    await app?.close();
    app = undefined;
    behave = () => Promise.resolve();
    heard.length = 0;
    exits.length = 0;
    bus.current = new InMemoryEventBus();
  });
  const request = (id: string, data: unknown = { model: 'M', recipe: 'r' }) =>
    bus.current.publishRecord(
      writeEvent('training.requested', 'M', {
        id,
        source: '/me',
        type: 'training.requested',
        time: '2026-01-01T00:00:00Z',
        data,
      }),
    );

  it('hands events to the methods, data checked and filled, tombstones as null with their generation', async () => {
    await request('e-1');
    await bus.current.publishRecord(
      writeEvent('model.promoted', 'M', {
        id: 'e-2',
        source: '/registry',
        type: 'model.promoted',
        time: '2026-01-01T00:00:00Z',
        generation: 4,
        data: null,
      }),
    );
    await start();
    await strategy.caughtUp('training.requested');
    await strategy.caughtUp('model.promoted');
    expect(heard.find(({ name }) => name === 'requested')?.event).toMatchObject({
      id: 'e-1',
      data: { model: 'M', recipe: 'r', promote: 'policy' },
    });
    expect(heard.find(({ name }) => name === 'promoted')?.event).toMatchObject({
      id: 'e-2',
      data: null,
      generation: 4,
    });
  });

  it.each([
    ['a code that says dead letter', new PlatformError('RECIPE_UNKNOWN', 'no such recipe'), 1, 'RECIPE_UNKNOWN'],
    ['a code that says retry', new PlatformError('DIGEST_MISMATCH', 'other bytes'), 3, 'DIGEST_MISMATCH'],
    ['an error of JavaScript', new TypeError('x is not a function'), 3, 'INTERNAL'],
  ])('keeps the original error: %s', async (_name, error, attempts, code) => {
    behave = () => Promise.reject(error);
    await start();
    await request('e-1');
    await eventually(async () => {
      expect(await listDeadLetters(bus.current)).toHaveLength(1);
    });
    const [letter] = await listDeadLetters(bus.current);
    expect(letter).toMatchObject({
      topic: deadLetterTopic('training.requested', 'predictor'),
      code,
      attempts,
      reason: error instanceof PlatformError ? error.detail : error.message,
      original: { headers: { ce_id: 'e-1' } },
    });
    expect(heard.map(({ attempt }) => attempt)).toEqual(Array.from({ length: attempts }, (_, index) => index + 1));
    expect(exits).toEqual([]);
  });

  it('waits out an environment fault and goes on with the same record', async () => {
    let left = 5;
    behave = () => {
      left -= 1;
      return left >= 0 ? Promise.reject(new PlatformError('DATABASE_UNAVAILABLE')) : Promise.resolve();
    };
    await start();
    await request('e-1');
    await request('e-2');
    await eventually(() => {
      expect(heard.map(({ event }) => event.id)).toEqual([...Array.from({ length: 6 }, () => 'e-1'), 'e-2']);
    });
    expect(await listDeadLetters(bus.current)).toEqual([]);
  });

  it('is live before the bus is there, and follows it when it comes', async () => {
    bus.current.setDown(true);
    const { status } = await (await start()).inject({ url: '/' }).then(({ statusCode }) => ({ status: statusCode }));
    expect(status).toBe(404);
    let isCaughtUp = false;
    void strategy.caughtUp('training.requested').then(() => (isCaughtUp = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isCaughtUp).toBe(false);
    bus.current.setDown(false);
    await request('e-1');
    await eventually(() => {
      expect(heard.map(({ event }) => event.id)).toEqual(['e-1']);
      expect(isCaughtUp).toBe(true);
    });
  });

  it('lets a running handler finish when it closes, and ends no process', async () => {
    let finished = false;
    behave = async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      finished = true;
    };
    const running = await start();
    await request('e-1');
    await eventually(() => {
      expect(heard).toHaveLength(1);
    });
    await running.close();
    expect(finished).toBe(true);
    expect(exits).toEqual([]);
  });

  it('closes while the bus is still away', async () => {
    bus.current.setDown(true);
    const running = await start();
    await running.close();
    expect(exits).toEqual([]);
  });

  it('ends the process when a subscription stops for good', async () => {
    const { current } = bus;
    const subscribe = current.subscribe.bind(current);
    current.subscribe = async (spec) => {
      const subscription = await subscribe(spec);
      return {
        ...subscription,
        caughtUp: subscription.caughtUp,
        close: () => subscription.close(),
        stopped: Promise.reject(new Error('codec')),
      };
    };
    await start();
    await eventually(() => {
      expect(exits).toEqual([1, 1]);
    });
  });
});
