import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { Datatype } from '#contracts';
import { writeModel } from '../write-model.js';
import type { Tensor } from '../tensor.js';
import { SessionThread, type ThreadSession } from './session-thread.js';

const identity = (datatype: Datatype): Uint8Array =>
  writeModel({
    name: 'identity',
    inputs: [{ name: 'x', datatype, shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype, shape: [-1, 2] }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  });

const doubling = writeModel({
  name: 'doubling',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [
    { name: 'twice', datatype: 'FP32', shape: [-1, 2] },
    { name: 'same', datatype: 'FP32', shape: [-1, 2] },
  ],
  nodes: [
    { op: 'Add', inputs: ['x', 'x'], outputs: ['twice'] },
    { op: 'Identity', inputs: ['x'], outputs: ['same'] },
  ],
});

const row = (a: number, b: number): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [1, 2],
  data: Float32Array.of(a, b),
});

describe('SessionThread', () => {
  const open: SessionThread[] = [];
  const started = async (): Promise<SessionThread> => {
    const thread = await SessionThread.start();
    open.push(thread);
    return thread;
  };
  const loaded = async (file: Uint8Array): Promise<ThreadSession> => (await started()).open(file);
  const outputs = async (session: ThreadSession, inputs: Tensor[], names?: string[]): Promise<Tensor[]> =>
    (await session.run(inputs, names)).outputs;
  afterEach(async () => {
    await Promise.all(open.splice(0).map((thread) => thread.close()));
  });

  it('tells the tensors of the model it loaded and answers with all outputs or with those asked for', async () => {
    const session = await loaded(doubling);
    expect(session.inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [-1, 2] }]);
    expect(session.outputs.map(({ name }) => name)).toEqual(['twice', 'same']);
    expect(await outputs(session, [row(1, 2)])).toEqual([
      { name: 'twice', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(2, 4) },
      { name: 'same', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) },
    ]);
    expect((await outputs(session, [row(1, 2)], ['same'])).map(({ name }) => name)).toEqual(['same']);
  });

  it('holds many models beside each other and lets each go by itself', async () => {
    const thread = await started();
    const [first, second] = [await thread.open(doubling), await thread.open(identity('FP32'))];
    expect((await outputs(first, [row(1, 2)], ['twice']))[0].data).toEqual(Float32Array.of(2, 4));
    expect((await outputs(second, [row(1, 2)]))[0].data).toEqual(Float32Array.of(1, 2));
    const begun = outputs(first, [row(3, 4)], ['twice']);
    await first.close();
    expect((await begun)[0].data).toEqual(Float32Array.of(6, 8));
    await expect(first.run([row(1, 2)])).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    expect((await outputs(second, [row(5, 6)]))[0].data).toEqual(Float32Array.of(5, 6));
    await first.close();
  });

  it('leaves the caller its file, and what lies beside a part of a buffer', async () => {
    const large = new Uint8Array(doubling.length + 100);
    large.set(doubling, 50);
    const session = await loaded(large.subarray(50, 50 + doubling.length));
    expect(large.length).toBe(doubling.length + 100);
    const data = Float32Array.of(0, 3, 4, 0).subarray(1, 3);
    const [answer] = await outputs(session, [{ name: 'x', datatype: 'FP32', shape: [1, 2], data }], ['twice']);
    expect(answer.data).toEqual(Float32Array.of(6, 8));
    expect(data).toEqual(Float32Array.of(3, 4));
  });

  it('takes a part of a Node buffer without the pool around it', async () => {
    const session = await loaded(identity('UINT8'));
    const text = Buffer.from('xyz').subarray(1);
    const [answer] = await outputs(session, [{ name: 'x', datatype: 'UINT8', shape: [1, 2], data: text }]);
    expect(answer.data).toEqual(Uint8Array.of(0x79, 0x7a));
    expect(text.toString()).toBe('yz');
  });

  it('carries large tensors without a copy', async () => {
    const session = await loaded(doubling);
    const data = new Float32Array(20_000).fill(1);
    const [answer] = await outputs(session, [{ name: 'x', datatype: 'FP32', shape: [10_000, 2], data }], ['twice']);
    expect(data.length).toBe(0);
    expect(answer.data).toEqual(new Float32Array(20_000).fill(2));
  });

  it('takes a file over when told to', async () => {
    const file = doubling.slice();
    await (await started()).open(file, { move: true });
    expect(file.byteLength).toBe(0);
  });

  const samples: [Datatype, Tensor['data']][] = [
    ['BOOL', Uint8Array.of(1, 0)],
    ['UINT8', Uint8Array.of(1, 255)],
    ['UINT16', Uint16Array.of(1, 65535)],
    ['UINT32', Uint32Array.of(1, 4294967295)],
    ['UINT64', BigUint64Array.of(1n, 18446744073709551615n)],
    ['INT8', Int8Array.of(-128, 127)],
    ['INT16', Int16Array.of(-1, 1)],
    ['INT32', Int32Array.of(-1, 1)],
    ['INT64', BigInt64Array.of(-1n, 9007199254740993n)],
    ['FP16', Uint16Array.of(0x3c00, 0xc000)],
    ['FP32', Float32Array.of(0.1, -1e38)],
    ['FP64', Float64Array.of(0.1, -1e300)],
    ['BYTES', ['', 'größer']],
  ];
  it.each(samples)('carries %s there and back without a change', async (datatype, data) => {
    const session = await loaded(identity(datatype));
    const [answer] = await outputs(session, [{ name: 'x', datatype, shape: [1, 2], data }]);
    expect(answer).toEqual({ name: 'y', datatype, shape: [1, 2], data });
  });

  it.each<[string, Tensor[], string]>([
    ['an input is missing', [], 'Input "x" is missing'],
    ['an input is unknown', [row(1, 2), { ...row(1, 2), name: 'z' }], 'Input "z" is unknown'],
    ['an input is given twice', [row(1, 2), row(1, 2)], 'Input "x" is given twice'],
    ['the rank is wrong', [{ ...row(1, 2), shape: [2] }], 'has shape [2]; the model takes [-1,2]'],
    ['a fixed dimension is wrong', [{ ...row(1, 2), shape: [2, 1] }], 'has shape [2,1]; the model takes [-1,2]'],
    ['there are too few values', [{ ...row(1, 2), shape: [2, 2] }], 'has 2 values for shape [2,2]'],
    ['the type is another', [{ ...row(1, 2), datatype: 'FP64' }], 'is FP64; the model takes FP32'],
    ['the array is another', [{ ...row(1, 2), data: Float64Array.of(1, 2) }], 'wrong kind of array'],
  ])('refuses the run and lives on when %s', async (_, inputs, sentence) => {
    const session = await loaded(doubling);
    await expect(session.run(inputs)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      detail: expect.stringContaining(sentence) as string,
    });
    await expect(session.run([row(1, 2)], ['nothing'])).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect((await outputs(session, [row(1, 2)], ['twice']))[0].data).toEqual(Float32Array.of(2, 4));
  });

  it('refuses an input at which the model itself fails, with the words of the runtime', async () => {
    const session = await loaded(
      writeModel({
        name: 'two rows only',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [4] }],
        initializers: [{ name: 'four', shape: [1], data: BigInt64Array.of(4n) }],
        nodes: [{ op: 'Reshape', inputs: ['x', 'four'], outputs: ['y'] }],
      }),
    );
    await expect(session.run([row(1, 2)])).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      detail: expect.stringMatching(/can't work on this input: .*Reshape/i) as string,
    });
    const two = { ...row(1, 2), shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
    expect((await outputs(session, [two]))[0].data).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it('refuses a broken file and loads a good one after it', async () => {
    const thread = await started();
    await expect(thread.open(doubling.subarray(0, 60))).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
    await expect(thread.open(new TextEncoder().encode('<html>'))).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
    const session = await thread.open(doubling);
    expect((await outputs(session, [row(1, 2)], ['twice']))[0].data).toEqual(Float32Array.of(2, 4));
  });

  it('answers every call made before it was closed and refuses those after', async () => {
    const thread = await started();
    const session = await thread.open(doubling);
    const answers = Array.from({ length: 50 }, (_, index) => outputs(session, [row(index, 0)], ['twice']));
    const closed = thread.close();
    await expect(session.run([row(1, 2)])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(thread.open(doubling)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect((await Promise.all(answers)).map(([tensor]) => tensor.data[0])).toEqual(
      Array.from({ length: 50 }, (_, index) => 2 * index),
    );
    await closed;
    await session.close();
    await thread.close();
  });

  it('rejects pending calls and gives notice when an error ends the thread', async () => {
    const worker = new Worker(createRequire(import.meta.url).resolve('#onnx/session-worker'), { execArgv: [] });
    const thread = new SessionThread(worker);
    const session = await thread.open(doubling);
    worker.postMessage({ kind: 'nonsense' });
    const pending = session.run([row(1, 2)]);
    await expect(pending).rejects.toMatchObject({ code: 'WORKER_LOST' });
    expect((await thread.lost).detail).toContain('does not know this request');
    await expect(session.run([row(1, 2)])).rejects.toMatchObject({ code: 'WORKER_LOST' });
    await session.close();
    await thread.close();
  });

  it('gives notice when the thread ends without a word', async () => {
    const worker = new Worker(createRequire(import.meta.url).resolve('#onnx/session-worker'), { execArgv: [] });
    const thread = new SessionThread(worker);
    await thread.open(doubling);
    await worker.terminate();
    expect(await thread.lost).toMatchObject({ code: 'WORKER_LOST' });
    expect(thread.isLost).toBe(true);
    await thread.close();
  });
});
