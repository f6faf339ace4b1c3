import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { Batcher } from './batcher.js';
import { Hosted, SlowLane, turn, x } from './slow-lane.behaviour.js';
import type { Ran } from './version-figures.js';

let hosted: Hosted;
let lane: SlowLane;
let model: Batcher;
let ran: Ran[];
const rows = (count: number): Tensor[] => x(...new Array<number>(2 * count).fill(1));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  hosted = new Hosted();
  [lane] = hosted.lanes;
  model = new Batcher(hosted, {
    name: 'iris',
    provenRows: 4,
    limits: { maxBatch: 4, maxQueue: 8, timeoutMs: 10_000 },
  });
  ran = [];
  model.observe((run) => ran.push(run));
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a request that is a batch by itself', () => {
  it('goes to the lane before the run ahead of it has ended, one at a time', async () => {
    const answers = [1, 2, 3].map(() => model.run(rows(5), ['sum']));
    await turn();
    expect(lane.calls.map(({ inputs }) => inputs[0].shape[0])).toEqual([5, 5]);
    lane.calls[0].end();
    await turn();
    expect(lane.calls).toHaveLength(3);
    lane.calls[1].end();
    lane.calls[2].end();
    expect((await Promise.all(answers)).map(([{ shape }]) => shape[0])).toEqual([5, 5, 5]);
    expect(ran.map(({ requests }) => requests)).toEqual([1, 1, 1]);
  });

  it('waits here where runs take long', async () => {
    const first = model.run(rows(5));
    await turn();
    vi.advanceTimersByTime(50);
    lane.calls[0].end();
    await first;
    await turn();
    const answers = [model.run(rows(5)), model.run(rows(5))];
    await turn();
    expect(lane.calls).toHaveLength(2);
    lane.calls[1].end();
    await turn();
    lane.calls[2].end();
    await Promise.all(answers);
  });

  it('waits here behind one that goes on for long already', async () => {
    const first = model.run(rows(5));
    await turn();
    vi.advanceTimersByTime(50);
    const second = model.run(rows(5));
    await turn();
    expect(lane.calls).toHaveLength(1);
    lane.calls[0].end();
    await turn();
    lane.calls[1].end();
    await Promise.all([first, second]);
  });

  it('follows none that is far larger: another lane is free sooner', async () => {
    const other = new SlowLane();
    hosted.lanes.push(other);
    const learned = model.run(rows(5));
    await turn();
    lane.calls[0].end();
    await learned;
    const large = model.run(rows(1_000));
    await turn();
    const answers = [model.run(rows(5)), model.run(rows(5))];
    await turn();
    expect([lane.calls.length, other.calls.length]).toEqual([2, 2]);
    for (const { end } of other.calls) end();
    await Promise.all(answers);
    lane.calls[1].end();
    await large;
  });

  it('leaves to wait those behind it, who may be joined, when it is dropped', async () => {
    const asker = { destroyed: false };
    const first = model.run(x(1, 2), ['sum']);
    await turn();
    const dropped = Promise.allSettled([model.run(rows(5), ['sum'], asker)]);
    const answers = [model.run(x(3, 4), ['sum']), model.run(x(5, 6), ['sum'])];
    asker.destroyed = true;
    await turn();
    expect(await dropped).toMatchObject([{ reason: { code: 'CLIENT_GONE' } }]);
    expect(lane.calls).toHaveLength(1);
    lane.calls[0].end();
    await turn();
    expect(lane.calls[1].inputs).toEqual(x(3, 4, 5, 6));
    lane.calls[1].end();
    await Promise.all([first, ...answers]);
  });

  it('counts as waiting until the run ahead of it has ended', async () => {
    const answers = [1, 2].map(() => model.run(rows(5), ['sum']));
    await turn();
    vi.advanceTimersByTime(30);
    lane.calls[0].end();
    await turn();
    lane.calls[1].end();
    await Promise.all(answers);
    expect(ran.map(({ waitedMs }) => waitedMs)).toEqual([[0], [30]]);
  });

  it('makes the run ahead no shorter when it ends before that', async () => {
    const answers = [1, 2].map(() => model.run(rows(5), ['sum']));
    await turn();
    vi.advanceTimersByTime(30);
    lane.calls[1].end();
    await turn();
    lane.calls[0].end();
    await Promise.all(answers);
    expect(ran.map(({ waitedMs }) => waitedMs)).toEqual([[0], [0]]);
  });

  it('is lost with the run ahead when their lane is, and keeps no close waiting', async () => {
    const settled = Promise.allSettled([1, 2].map(() => model.run(rows(5))));
    await turn();
    const closed = model.close();
    const error = new PlatformError('WORKER_LOST');
    hosted.lanes = [];
    for (const { end } of lane.calls) end(error);
    expect(await settled).toMatchObject([{ reason: error }, { reason: error }]);
    await closed;
    expect(hosted.close).toHaveBeenCalledOnce();
  });
});
