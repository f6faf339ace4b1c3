import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { modelDeployed, type ModelDeployed } from '#contracts';
import { InMemoryEventBus } from '#messaging/memory';
import { ManualClock, SilentLogger } from '#runtime';
import { eventually } from '#testing';
import { ModelDeployedPublisher } from './model-deployed.publisher.js';

let bus: InMemoryEventBus;
let clock: ManualClock;
let publisher: ModelDeployedPublisher;
beforeEach(() => {
  bus = new InMemoryEventBus();
  clock = new ManualClock();
  const options = { predictorId: 'p1', restateMs: 20, url: () => 'http://p1:8000' };
  publisher = new ModelDeployedPublisher(bus, clock, new SilentLogger(), options);
});
afterEach(() => publisher.leave());

const state = (version: number, model = 'iris'): ModelDeployed => ({
  predictorId: 'p1',
  model,
  state: 'serving',
  active: { version, generation: version },
  target: { version, generation: version },
  since: clock.iso(),
  at: clock.iso(),
});
const said = async (): Promise<(ModelDeployed & { key: string | null })[]> => {
  const all = [];
  for await (const { key, value } of bus.readAll('model.deployed'))
    all.push({ ...modelDeployed.parse(JSON.parse(new TextDecoder().decode(value ?? undefined))), key });
  return all;
};

it('says each change with key, address and time', async () => {
  publisher.changed(state(1));
  await eventually(async () => {
    expect(await said()).toEqual([
      { ...state(1), key: 'p1/iris', at: '2026-01-01T00:00:00.000Z', url: 'http://p1:8000' },
    ]);
  });
});

it('says every state again, with a new time, and the old "since"', async () => {
  publisher.onModuleInit();
  publisher.changed(state(1));
  publisher.changed(state(1, 'wine'));
  clock.advance(10_000);
  await eventually(async () => {
    const iris = (await said()).filter(({ model }) => model === 'iris');
    expect(iris.length).toBeGreaterThan(2);
    expect(iris.at(-1)).toMatchObject({ since: '2026-01-01T00:00:00.000Z', at: '2026-01-01T00:00:10.000Z' });
  });
  expect((await said()).some(({ model }) => model === 'wine')).toBe(true);
});

it('says one state after the other again, all of them in the time that one takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const publish = vi.spyOn(bus, 'publish').mockResolvedValue();
  const after = async (ms: number): Promise<string[]> => {
    await vi.advanceTimersByTimeAsync(ms);
    return publish.mock.calls.splice(0).map(([, key]) => key.replace('p1/', ''));
  };
  try {
    for (const model of ['a', 'b', 'c', 'd']) publisher.changed(state(1, model));
    publisher.onModuleInit();
    publisher.changed(state(2, 'a'));
    expect(await after(0)).toEqual(['a', 'b', 'c', 'd', 'a']);
    expect(await after(10)).toEqual(['b', 'c']);
    expect(await after(20)).toEqual(['d', 'a', 'b', 'c']);
    await publisher.leave();
  } finally {
    vi.useRealTimers();
  }
});

it('keeps the latest state for a bus that is down and says it when the bus is back', async () => {
  bus.setDown(true);
  publisher.changed(state(1));
  publisher.changed(state(2));
  publisher.changed(state(3));
  expect(await said()).toEqual([]);
  bus.setDown(false);
  await eventually(async () => {
    expect((await said()).at(-1)).toMatchObject({ active: { version: 3 } });
  });
  expect((await said()).map(({ active }) => active?.version)).not.toContain(2);
});

it('says at the end that it serves nothing any more, and nothing after that', async () => {
  publisher.changed(state(1));
  await publisher.leave();
  publisher.changed(state(2));
  expect((await said()).at(-1)).toMatchObject({ state: 'unloaded', active: null, target: null });
});
