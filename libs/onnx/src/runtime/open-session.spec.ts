import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { ML_DOMAIN, type Initializer } from '../graph.js';
import { writeModel } from '../write-model.js';
import type { Tensor } from '../tensor.js';
import { openSession } from './open-session.js';

const linear = (names: Initializer[]): Uint8Array =>
  writeModel({
    name: 'linear',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
    outputs: [
      { name: 'label', datatype: 'BYTES', shape: [-1] },
      { name: 'scores', datatype: 'FP32', shape: [-1, 2] },
    ],
    initializers: [
      { name: 'w', shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 0.5, -0.5) },
      { name: 'b', shape: [2], data: Float32Array.of(0, 0.25) },
      ...names,
    ],
    nodes: [
      {
        op: 'Scaler',
        domain: ML_DOMAIN,
        inputs: ['x'],
        outputs: ['scaled'],
        attributes: { offset: { floats: [1, 1, 1] }, scale: { floats: [1, 2, 4] } },
      },
      { op: 'Gemm', inputs: ['scaled', 'w', 'b'], outputs: ['scores'], attributes: { alpha: { float: 1 } } },
      { op: 'ArgMax', inputs: ['scores'], outputs: ['id'], attributes: { axis: { int: 1 }, keepdims: { int: 0 } } },
      { op: 'Gather', inputs: ['names', 'id'], outputs: ['label'] },
    ],
  });

const withNames = writeModel({
  name: 'names',
  inputs: [{ name: 'id', datatype: 'INT64', shape: [-1] }],
  outputs: [{ name: 'label', datatype: 'BYTES', shape: [-1] }],
  initializers: [{ name: 'names', shape: [2], data: ['no', 'yes'] }],
  nodes: [{ op: 'Gather', inputs: ['names', 'id'], outputs: ['label'] }],
});

const ids = (...values: bigint[]): Tensor => ({
  name: 'id',
  datatype: 'INT64',
  shape: [values.length],
  data: BigInt64Array.from(values),
});

describe('openSession', () => {
  it('runs a graph with every kind of constant and attribute that the writer knows', async () => {
    const session = await openSession(withNames);
    expect(session.inputs).toEqual([{ name: 'id', datatype: 'INT64', shape: [-1] }]);
    const [label] = await session.run([ids(1n, 0n, 1n)]);
    expect(label).toEqual({ name: 'label', datatype: 'BYTES', shape: [3], data: ['yes', 'no', 'yes'] });
    await session.release();
  });

  it('runs operators of both domains, with attributes of numbers and lists', async () => {
    const session = await openSession(linear([{ name: 'names', shape: [2], data: ['first', 'second'] }]));
    const [label, scores] = await session.run([
      { name: 'x', datatype: 'FP32', shape: [2, 3], data: Float32Array.of(3, 1, 1, 1, 2, 0) },
    ]);
    // (x - 1) * [1, 2, 4] = [2, 0, 0] and [0, 2, -4]
    expect(scores.data).toEqual(Float32Array.of(2, 0.25, -2, 4.25));
    expect(label.data).toEqual(['first', 'second']);
    await session.release();
  });

  it('answers the runs that have begun when it is released, and none after', async () => {
    const session = await openSession(withNames);
    const begun = session.run([ids(1n)]);
    const released = session.release();
    expect((await begun)[0].data).toEqual(['yes']);
    await released;
    await expect(session.run([ids(1n)])).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await session.release();
  });

  it('refuses a graph that reads a value nobody makes', async () => {
    await expect(openSession(linear([]))).rejects.toMatchObject({
      code: 'MODEL_FILE_INVALID',
      detail: expect.stringContaining('names') as string,
    });
  });

  it('refuses weights in another file, whose path the runtime would follow on this machine', async () => {
    // Appended to the file, a second graph field adds to the first: an initializer (5) whose data_location (14) is external.
    const addition = new BinaryWriter();
    addition.tag(7, WireType.LengthDelimited).fork();
    addition.tag(5, WireType.LengthDelimited).fork();
    addition.tag(8, WireType.LengthDelimited).string('w').tag(14, WireType.Varint).int32(1);
    addition.join().join();
    await expect(openSession(Buffer.concat([withNames, addition.finish()]))).rejects.toMatchObject({
      code: 'MODEL_FILE_INVALID',
      detail: expect.stringContaining('separate files') as string,
    });
  });

  it('refuses a text with a NUL, which the runtime would cut', async () => {
    const session = await openSession(
      writeModel({
        name: 'same',
        inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1] }],
        outputs: [{ name: 'y', datatype: 'BYTES', shape: [-1] }],
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
      }),
    );
    await expect(session.run([{ name: 'x', datatype: 'BYTES', shape: [1], data: ['a\0b'] }])).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await session.release();
  });
});
