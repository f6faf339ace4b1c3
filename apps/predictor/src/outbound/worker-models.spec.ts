import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeModel, type Tensor } from '#onnx';
import { SessionThread } from '#onnx/runtime';
import { SilentLogger } from '#runtime';
import { eventually } from '#testing';
import type { HostedModel } from '../core/model-host.js';
import { lines } from '../core/placement.js';
import { WorkerModels } from './worker-models.js';

/** y = x, with so many bytes of weights that nobody needs. */
const file = (ballast = 0): Uint8Array =>
  writeModel({
    name: 'identity',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    initializers: [{ name: 'ballast', shape: [ballast / 4], data: new Float32Array(ballast / 4) }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  });
const small = file();
const large = file(2 * lines.smallBytes);
/** Takes some tens of microseconds a row. */
const matrices = writeModel({
  name: 'matrices',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  initializers: [
    { name: 'first', shape: [2, 300], data: new Float32Array(600).fill(0.01) },
    { name: 'wide', shape: [300, 300], data: new Float32Array(90_000).fill(0.001) },
    { name: 'last', shape: [300, 1], data: new Float32Array(300).fill(0.01) },
  ],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'first'], outputs: ['h0'] },
    ...Array.from({ length: 4 }, (_, at) => ({
      op: 'MatMul',
      inputs: [`h${String(at)}`, 'wide'],
      outputs: [`h${String(at + 1)}`],
    })),
    { op: 'MatMul', inputs: ['h4', 'last'], outputs: ['y'] },
  ],
});
const row = (): Tensor[] => [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) }];
const proof = { rows: 8, batchMs: 0.1, example: row };

describe('models on worker threads', () => {
  let host: WorkerModels;
  let hasRoom: boolean;
  const room = () => Promise.resolve(hasRoom ? () => undefined : undefined);
  let threads: SessionThread[];
  const open: HostedModel[] = [];
  beforeEach(() => {
    threads = [];
    hasRoom = true;
    const start = SessionThread.start.bind(SessionThread);
    vi.spyOn(SessionThread, 'start').mockImplementation(async () => {
      const thread = await start();
      threads.push(thread);
      return thread;
    });
    host = new WorkerModels(2, room, new SilentLogger());
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((model) => model.close()));
    await host.close();
    vi.restoreAllMocks();
  });
  const load = async (bytes: Uint8Array): Promise<HostedModel> => {
    const again = () => Promise.resolve(bytes.slice());
    const model = await host.load(bytes.slice(), again, () => Promise.resolve());
    open.push(model);
    return model;
  };
  const settled = async (model: HostedModel): Promise<void> => {
    const [first] = model.lanes;
    model.settle(proof);
    await eventually(() => {
      expect(model.lanes[0]).not.toBe(first);
      expect(model.lanes).toHaveLength(1);
    });
  };
  const answers = async (model: HostedModel): Promise<void> => {
    for (const lane of model.lanes) expect((await lane.run(row())).outputs[0].data).toEqual(Float32Array.of(1, 2));
  };
  const lose = (thread: SessionThread): void => {
    (Reflect.get(thread, 'thread') as Worker).postMessage({ kind: 'nonsense' });
  };

  it('small ones share threads, and the one on which they were proven waits for the next', async () => {
    const models: HostedModel[] = [];
    for (let count = 0; count < 6; count += 1) {
      const model = await load(small);
      await answers(model);
      await settled(model);
      models.push(model);
    }
    for (const model of models) await answers(model);
    // Two that are shared, and one or two for the trials.
    expect(threads.length).toBeLessThanOrEqual(4);
  });

  it('large ones have threads of their own, which serve again after the model left', async () => {
    const [one, two] = [await load(large), await load(large)];
    for (const model of [one, two]) model.settle(proof);
    await Promise.all([answers(one), answers(two)]);
    await one.close();
    expect(one.lanes).toEqual([]);
    const three = await load(large);
    three.settle(proof);
    await answers(three);
    await eventually(() => {
      expect(threads.length).toBeLessThanOrEqual(4);
    });
  });

  it.each<[string, Uint8Array]>([
    ['a small one', small],
    ['a large one', large],
  ])('%s takes as many lanes as there are workers, and no more', async (_, bytes) => {
    const model = await load(bytes);
    if (bytes === small) await settled(model);
    else model.settle(proof);
    const changed = vi.fn();
    model.onLanes(changed);
    await eventually(() => {
      model.widen();
      expect(model.lanes).toHaveLength(2);
    });
    expect(changed).toHaveBeenCalled();
    await answers(model);
    model.widen();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(model.lanes).toHaveLength(2);
  });

  it('tells once that a further lane could not be opened, and rests', async () => {
    const logger = new SilentLogger();
    const log = vi.spyOn(logger, 'warn');
    await host.close();
    host = new WorkerModels(2, room, logger);
    const model = await host.load(
      large.slice(),
      () => Promise.resolve(undefined),
      () => Promise.resolve(),
    );
    open.push(model);
    model.settle(proof);
    await eventually(() => {
      model.widen();
      expect(log).toHaveBeenCalled();
    });
    for (let time = 0; time < 5; time += 1) {
      model.widen();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(log.mock.calls.map(([sentence]) => sentence)).toEqual([
      'A model got no further thread: its file is no longer on the disk',
    ]);
    await answers(model);
  });

  it('takes no further lane where there is no memory for one', async () => {
    const model = await load(large);
    model.settle(proof);
    hasRoom = false;
    model.widen();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(model.lanes).toHaveLength(1);
    // Whoever proved it keeps it: a small one stays where it is then.
    const other = await load(small);
    const [lane] = other.lanes;
    other.settle(proof);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(other.lanes).toEqual([lane]);
    await answers(other);
  });

  it.each([
    ['in slices, where its rows are independent', 8],
    ['on a thread of its own, where they are not', 1],
  ])('a long run on a shared thread is run %s, and others come in between', async (_, rows) => {
    await host.close();
    host = new WorkerModels(1, room, new SilentLogger());
    const [slow, quick] = [await load(matrices), await load(small)];
    for (const model of [slow, quick]) {
      const [first] = model.lanes;
      model.settle({ ...proof, rows });
      await eventually(() => {
        expect(model.lanes[0]).not.toBe(first);
      });
    }
    const count = 40_000;
    const data = Float32Array.from({ length: 2 * count }, (_, at) => at % 7);
    const over = { is: false };
    const long = slow.lanes[0].run([{ name: 'x', datatype: 'FP32', shape: [count, 2], data }]).finally(() => {
      over.is = true;
    });
    let between = 0;
    for (; !over.is; between += 1) await answers(quick);
    expect(between).toBeGreaterThan(5);
    const [{ shape, data: sums }] = (await long).outputs;
    expect(shape).toEqual([count, 1]);
    // Equal rows are answered equally, wherever they ran.
    for (let row = 7; row < count; row += 7) expect(sums[row]).toBe(sums[0]);
    expect(sums[1]).not.toBe(sums[0]);
    const again: Tensor[] = [{ name: 'x', datatype: 'FP32', shape: [count, 2], data: new Float32Array(2 * count) }];
    const left = slow.lanes[0].run(again, undefined, { isWanted: false });
    await expect(left).rejects.toMatchObject({ code: 'CLIENT_GONE' });
  });

  it('a lane whose thread died is replaced while the other answers', async () => {
    const model = await load(small);
    await settled(model);
    await eventually(() => {
      model.widen();
      expect(model.lanes).toHaveLength(2);
    });
    const before = [...model.lanes];
    const shared = threads.filter((thread) => before.some((lane) => Reflect.get(lane, 'thread') === thread));
    lose(shared[1]);
    await eventually(() => {
      expect(model.lanes.filter((lane) => before.includes(lane))).toHaveLength(1);
      expect(model.lanes).toHaveLength(2);
    });
    await answers(model);
  });

  it('a model whose last thread died is lost, and its calls with it', async () => {
    const model = await load(large);
    model.settle(proof);
    lose(threads[0]);
    const [lane] = model.lanes;
    await expect(lane.run(row())).rejects.toMatchObject({ code: 'WORKER_LOST' });
    expect(await model.lost).toMatchObject({ code: 'WORKER_LOST' });
    expect(model.lanes).toEqual([]);
  });

  it('says of each load when it is about to be opened: none that waits for its turn', async () => {
    const opened: number[] = [];
    const begin = async (number: number): Promise<HostedModel> => {
      const model = await host.load(
        large.slice(),
        () => Promise.resolve(undefined),
        () => Promise.resolve(void opened.push(number)),
      );
      open.push(model);
      return model;
    };
    const [first] = await Promise.all([begin(1), begin(2)]);
    const third = begin(3);
    await new Promise(setImmediate);
    expect(opened.toSorted()).toEqual([1, 2]);
    first.settle(proof);
    await third;
    expect(opened).toContain(3);
  });

  it('opens nothing that is called off at the last moment', async () => {
    const off = host.load(
      large.slice(),
      () => Promise.resolve(undefined),
      () => Promise.reject(new Error('called off')),
    );
    await expect(off).rejects.toThrow('called off');
    await answers(await load(large));
    expect(threads).toHaveLength(1);
  });

  it('a broken file leaves its thread to the next', async () => {
    await expect(load(new Uint8Array(20))).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
    await answers(await load(large));
    expect(threads).toHaveLength(1);
  });

  it('closes what is loaded while it is still moving', async () => {
    const model = await load(small);
    model.settle(proof);
    await model.close();
    expect(model.lanes).toEqual([]);
  });
});
