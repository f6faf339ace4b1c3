import { expect, it } from 'vitest';
import { Memory } from './memory.js';
import { MemoryBudget, neededBytes } from './memory-budget.js';

class SomeMemory extends Memory {
  constructor(public bytes: number | undefined) {
    super();
  }
  availableBytes = () => Promise.resolve(this.bytes);
}

const MB = 1024 * 1024;
const { signal } = new AbortController();
const soon = () => new Promise((resolve) => setImmediate(resolve));

it('refuses a load that the memory left can not take, in numbers', async () => {
  const budget = new MemoryBudget(new SomeMemory(100 * MB));
  await expect(budget.reserve(neededBytes(50 * MB), signal)).rejects.toMatchObject({
    step: 'load',
    reason: expect.stringMatching(/^MEMORY_TOO_LOW: .* 260 MB, and 100 MB are left/) as string,
  });
  (await budget.reserve(neededBytes(1 * MB), signal))();
});

it('takes any load where the system tells nothing', async () => {
  (await new MemoryBudget(new SomeMemory(undefined)).reserve(neededBytes(5_000 * MB), signal))();
});

it('lets loads wait for each other that only fit one after the other', async () => {
  const memory = new SomeMemory(neededBytes(100 * MB) + MB);
  const budget = new MemoryBudget(memory);
  const first = await budget.reserve(neededBytes(100 * MB), signal);
  let begun = false;
  const second = budget.reserve(neededBytes(100 * MB), signal).then((give) => {
    begun = true;
    return give;
  });
  await soon();
  expect(begun).toBe(false);
  first();
  first();
  (await second)();
  // What was given back twice counts once.
  memory.bytes = neededBytes(100 * MB) - 1;
  await expect(budget.reserve(neededBytes(100 * MB), signal)).rejects.toMatchObject({ step: 'load' });
});

it('refuses the one that waited when the first left too little', async () => {
  const memory = new SomeMemory(neededBytes(100 * MB));
  const budget = new MemoryBudget(memory);
  const first = await budget.reserve(neededBytes(100 * MB), signal);
  const second = budget.reserve(neededBytes(100 * MB), signal);
  await soon();
  memory.bytes = 50 * MB;
  first();
  await expect(second).rejects.toMatchObject({ step: 'load' });
});

it('stops waiting when nobody wants the load any more', async () => {
  const budget = new MemoryBudget(new SomeMemory(neededBytes(100 * MB)));
  const first = await budget.reserve(neededBytes(100 * MB), signal);
  const leaving = new AbortController();
  const second = budget.reserve(neededBytes(100 * MB), leaving.signal);
  leaving.abort();
  await expect(second).rejects.toMatchObject({ reason: expect.stringContaining('newer promotion') as string });
  first();
});

it('has room for one more copy only beside what is being loaded, and waits for nothing', async () => {
  const memory = new SomeMemory(2 * neededBytes(100 * MB));
  const budget = new MemoryBudget(memory);
  const first = await budget.reserve(neededBytes(100 * MB), signal);
  const second = await budget.spare(neededBytes(100 * MB));
  expect(second).toBeDefined();
  expect(await budget.spare(neededBytes(100 * MB))).toBeUndefined();
  second?.();
  expect(await budget.spare(neededBytes(100 * MB))).toBeDefined();
  first();
});

it('asks for more for trees than for weights', () => {
  expect(neededBytes(10 * MB, 10 * MB)).toBeGreaterThan(3 * neededBytes(10 * MB) - 2 * neededBytes(0));
  expect(neededBytes(10 * MB, 0)).toBe(neededBytes(10 * MB));
});
