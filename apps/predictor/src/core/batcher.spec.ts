import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tensor } from '#onnx';
import { PlatformError } from '#runtime';
import { Batcher, type BatcherOptions } from './batcher.js';
import { answersTo, Hosted, SlowLane, turn, x } from './slow-lane.behaviour.js';
import type { Ran } from './version-figures.js';

let hosted: Hosted;
let lane: SlowLane;
let ran: Ran[];
const batcher = (more: Partial<BatcherOptions['limits']> & { provenRows?: number } = {}): Batcher => {
  const limits = { maxBatch: 4, maxQueue: 8, timeoutMs: 10_000, ...more };
  const model = new Batcher(hosted, { name: 'iris', provenRows: more.provenRows ?? 4, limits });
  model.observe((run) => ran.push(run));
  return model;
};
beforeEach(() => {
  hosted = new Hosted();
  [lane] = hosted.lanes;
  ran = [];
});

describe('what waits', () => {
  it('runs together as soon as the lane is free, and each gets its own rows and outputs', async () => {
    const model = batcher();
    const first = model.run(x(1, 2));
    await turn();
    expect(lane.calls).toHaveLength(1);
    const second = model.run(x(3, 4, 5, 6), ['sum']);
    const third = model.run(x(7, 8), ['same']);
    await turn();
    expect(lane.calls).toHaveLength(1);
    expect(model.pending).toBe(3);
    lane.calls[0].end();
    expect((await first).map(({ data }) => [...(data as Float32Array)])).toEqual([[3], [1, 2]]);
    await turn();
    expect(lane.calls[1].inputs).toEqual(x(3, 4, 5, 6, 7, 8));
    expect(lane.calls[1].outputNames).toEqual(['sum', 'same']);
    lane.calls[1].end();
    expect(await second).toEqual([{ name: 'sum', datatype: 'FP32', shape: [2], data: Float32Array.of(7, 11) }]);
    expect(await third).toEqual([{ name: 'same', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(7, 8) }]);
    await turn();
    expect(model.pending).toBe(0);
    expect(ran.map(({ requests, rows }) => [requests, rows])).toEqual([
      [1, 1],
      [2, 3],
    ]);
  });

  it('runs together from the start when it arrives in one turn', async () => {
    const model = batcher();
    const answers = [1, 2, 3].map((value) => model.run(x(value, 0), ['sum']));
    await turn();
    expect(lane.calls.map(({ inputs }) => inputs[0].shape[0])).toEqual([3]);
    lane.calls[0].end();
    expect((await Promise.all(answers)).map(([{ data }]) => data[0])).toEqual([1, 2, 3]);
  });

  it.each<[string, number, number[], number[]]>([
    ['up to the limit', 4, [1, 2, 2, 1], [3, 3]],
    ['a request larger than the limit by itself', 4, [9, 1, 1], [9, 2]],
    ['each request by itself when a batch was not proven', 1, [1, 1, 1], [1, 1, 1]],
    ['no more than was proven', 2, [1, 1, 1], [2, 1]],
    ['a request without rows by itself', 4, [1, 0, 1], [1, 0, 1]],
  ])('%s', async (_, provenRows, requests, runs) => {
    const model = batcher({ provenRows });
    const answers = requests.map((rows) => model.run(x(...new Array<number>(2 * rows).fill(1)), ['sum']));
    for (const index of runs.keys()) {
      await turn();
      lane.calls[index].end();
    }
    expect((await Promise.all(answers)).map(([{ shape }]) => shape[0])).toEqual(requests);
    expect(lane.calls.map(({ inputs }) => inputs[0].shape[0])).toEqual(runs);
  });
});

describe('faults', () => {
  it('a batch that the model refuses runs again request by request: the bad one fails alone', async () => {
    const model = batcher();
    const answers = [1, 2, 3].map((value) => model.run(x(value, 0), ['sum']));
    const settled = Promise.allSettled(answers);
    const refusal = new PlatformError('INPUT_INVALID', 'no');
    await turn();
    lane.calls[0].end(refusal);
    for (const call of [1, 2, 3]) {
      await turn();
      lane.calls[call].end(call === 2 ? refusal : undefined);
    }
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await answers[2])[0].data[0]).toBe(3);
  });

  it('a request that is wrong in itself joins no batch', async () => {
    const model = batcher();
    await expect(model.run([{ ...x(1, 2)[0], shape: [2, 2] }])).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(model.run(x(1, 2), ['nothing'])).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(model.pending).toBe(0);
  });

  it('a lost lane fails what ran on it; a lost model fails what waits, and what comes', async () => {
    const model = batcher();
    const error = new PlatformError('WORKER_LOST');
    const running = model.run(x(1, 2));
    await turn();
    const waiting = model.run(x(3, 4));
    const failed = Promise.allSettled([running, waiting]);
    hosted.lanes = [];
    lane.calls[0].end(error);
    await expect(running).rejects.toBe(error);
    expect(model.pending).toBe(1);
    hosted.lose(error);
    await expect(waiting).rejects.toBe(error);
    await expect(model.run(x(5, 6))).rejects.toBe(error);
    expect((await failed).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('an output with another number of rows is nobody’s: each runs alone, and nothing is run together any more', async () => {
    const model = batcher();
    const answers = Promise.allSettled([model.run(x(1, 2), ['sum']), model.run(x(3, 4), ['sum'])]);
    // Rows above 2 are dropped.
    const run = vi.spyOn(lane, 'run').mockImplementation(([{ data }], names = []) => {
      const kept = Array.from(data as Float32Array).filter((value) => value < 3);
      return Promise.resolve({ outputs: answersTo(x(...kept)[0], names), tookMs: 1 });
    });
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(((await answers)[0] as PromiseFulfilledResult<Tensor[]>).value[0].data).toEqual(Float32Array.of(3));
    expect(((await answers)[1] as PromiseFulfilledResult<Tensor[]>).value[0].shape).toEqual([0]);
    await Promise.all([model.run(x(1, 1), ['sum']), model.run(x(1, 2), ['sum'])]);
    expect(run.mock.calls.map(([[{ shape }]]) => shape[0])).toEqual([2, 1, 1, 1, 1]);
    expect(model.batchRows).toBe(1);
  });
});

describe('limits', () => {
  it('a full queue refuses at once, after those who hung up gave their place', async () => {
    const model = batcher({ maxQueue: 2 });
    const running = model.run(x(1, 2));
    await turn();
    const asker = { destroyed: false };
    const leaving = model.run(x(3, 4), undefined, asker);
    const staying = model.run(x(5, 6));
    await expect(model.run(x(7, 8))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    asker.destroyed = true;
    const late = model.run(x(7, 8), ['sum']);
    await expect(leaving).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    lane.calls[0].end();
    await running;
    await turn();
    lane.calls[1].end();
    expect([(await staying)[0].data[0], (await late)[0].data[0]]).toEqual([11, 15]);
  });

  it('who hung up is not worked for', async () => {
    const model = batcher();
    const answer = model.run(x(1, 2), undefined, { destroyed: true });
    await expect(answer).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    expect(lane.calls).toHaveLength(0);
  });

  it('what waits or runs too long is told so; what comes later still gets its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const model = batcher({ timeoutMs: 1_000 });
      const running = model.run(x(1, 2));
      const waiting = turn().then(() => model.run(x(3, 4)));
      const both = Promise.allSettled([running, waiting]);
      await turn();
      await turn();
      vi.advanceTimersByTime(600);
      const later = model.run(x(5, 6), ['sum']);
      vi.advanceTimersByTime(500);
      for (const one of await both) expect(one).toMatchObject({ reason: { code: 'ANSWER_TIMED_OUT' } });
      lane.calls[0].end();
      await turn();
      expect(lane.calls[1].inputs).toEqual(x(5, 6));
      lane.calls[1].end();
      expect((await later)[0].data[0]).toBe(11);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('lanes', () => {
  it('while runs are short, what waits is not spread; more than a batch is', async () => {
    hosted.lanes.push(new SlowLane());
    const model = batcher({ maxQueue: 20 });
    const answers = Array.from({ length: 16 }, () => model.run(x(1, 2)));
    await turn();
    expect(hosted.lanes.map(({ calls }) => calls.length)).toEqual([1, 1]);
    expect(hosted.widen).not.toHaveBeenCalled();
    const added = new SlowLane();
    hosted.lanes.push(added);
    hosted.listener();
    expect(added.calls).toHaveLength(1);
    expect(model.pending).toBe(16);
    const finished = Promise.all(answers);
    for (let round = 0; round < 6; round += 1) {
      for (const { calls } of hosted.lanes) calls.at(-1)?.end();
      await turn();
    }
    expect(await finished).toHaveLength(16);
  });

  it('asks for a further lane when they were short for a second without an idle moment, not in a rush', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const model = batcher({ maxQueue: 100 });
      const more = async (): Promise<unknown> => {
        const answers = Promise.all(Array.from({ length: 16 }, () => model.run(x(1, 2))));
        await turn();
        return answers;
      };
      const end = async (): Promise<void> => {
        for (; model.pending > 0; await turn()) hosted.lanes[0].calls.at(-1)?.end();
      };
      const rush = [more(), turn()];
      await turn();
      vi.advanceTimersByTime(600);
      await end();
      rush.push(more());
      await turn();
      vi.advanceTimersByTime(600);
      rush.push(more());
      await turn();
      expect(hosted.widen).not.toHaveBeenCalled();
      vi.advanceTimersByTime(600);
      rush.push(more());
      await turn();
      expect(hosted.widen).toHaveBeenCalled();
      await end();
      await Promise.all(rush);
    } finally {
      vi.useRealTimers();
    }
  });

  it('closes the model after the last answer, and refuses what comes later', async () => {
    const model = batcher();
    const answer = model.run(x(1, 2), ['sum']);
    const closed = model.close();
    await expect(model.run(x(3, 4))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await turn();
    expect(hosted.close).not.toHaveBeenCalled();
    lane.calls[0].end();
    expect((await answer)[0].data[0]).toBe(3);
    await closed;
    expect(hosted.close).toHaveBeenCalledOnce();
  });
});
