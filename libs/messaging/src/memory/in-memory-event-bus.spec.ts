import { describe, expect, it } from 'vitest';
import { InMemoryEventBus } from './in-memory-event-bus.js';
import { behavesAsEventBus } from '../event-bus.behaviour.js';
import { eventually } from '#testing';

/** One service, several processes: in memory these are one object whose `close` only ends its own subscriptions. */
describe('InMemoryEventBus', () => {
  behavesAsEventBus(() => {
    const service = new InMemoryEventBus();
    return Promise.resolve({
      open: () => service.connection(),
      crash: (_bus, group) => {
        service.crash(group);
        return Promise.resolve();
      },
      sayKeyless: (topic, value) => {
        service.inject(topic, { key: null, value, headers: {} });
        return Promise.resolve();
      },
      beyondSessionMs: 200,
      close: () => service.close(),
    });
  });

  it('delivers again on demand', async () => {
    const bus = new InMemoryEventBus();
    const seen: string[] = [];
    await bus.subscribe({
      topic: 't',
      group: 'g',
      from: 'start',
      handler: (record) => {
        seen.push(record.offset);
        return Promise.resolve();
      },
    });
    await bus.publishRecord({ topic: 't', key: 'k', value: null, headers: {} });
    await eventually(() => {
      expect(seen).toEqual(['0']);
    });
    bus.redeliver('t', 'g');
    await eventually(() => {
      expect(seen).toEqual(['0', '0']);
    });
  });

  it('fails on demand, and delivers nothing while it is down', async () => {
    const bus = new InMemoryEventBus();
    bus.failNextPublishes(new Error('once'));
    const record = { topic: 't', key: 'k', value: null, headers: {} };
    await expect(bus.publishRecord(record)).rejects.toThrow('once');
    await bus.publishRecord(record);
    bus.setDown(true);
    await expect(bus.publishRecord(record)).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    let seen = 0;
    const subscribed = bus.subscribe({
      topic: 't',
      group: 'g',
      from: 'start',
      handler: () => {
        seen += 1;
        return Promise.resolve();
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen).toBe(0);
    bus.setDown(false);
    await (
      await subscribed
    ).caughtUp;
    expect(seen).toBe(1);
  });
});
