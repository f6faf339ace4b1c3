import { describe, expect, it } from 'vitest';
import type { Datatype } from '#contracts';
import { writeModel, type Tensor } from '#onnx';
import { openSession } from '#onnx/runtime';
import { proveBatches } from './batch-proof.js';
import type { Lane } from './model-host.js';
import { warmUpInputs } from './warm-up.js';

type Model = Parameters<typeof writeModel>[0];

/** Tries a model on the real runtime; `spoil` may falsify what it answers. */
const proven = async (
  model: Model,
  maxRows = 64,
  spoil: (outputs: Tensor[]) => void = () => undefined,
  rowMs = 0.01,
) => {
  const session = await openSession(writeModel(model));
  const sizes: number[] = [];
  const lane: Lane = {
    run: async (inputs, names) => {
      const outputs = await session.run(inputs, names);
      sizes.push(inputs[0].shape[0]);
      spoil(outputs);
      return { outputs, tookMs: rowMs * inputs[0].shape[0] };
    },
  };
  const { inputs, outputs } = session;
  const example = (): Tensor[] => warmUpInputs({ inputs: [...inputs], outputs: [...outputs] });
  const outputNames = outputs.map(({ name }) => name);
  const proof = await proveBatches({ model: session, lane, example, outputNames, maxRows });
  await session.release();
  return { rows: proof.rows, sizes };
};

const model = (datatype: Datatype, nodes: Model['nodes'], more: Partial<Model> = {}): Model => ({
  name: 'model',
  inputs: [{ name: 'x', datatype, shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype, shape: [-1, 2] }],
  nodes,
  ...more,
});
const identity: Model['nodes'] = [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }];

describe('rows that may be run together', () => {
  const types: Datatype[] = ['FP32', 'FP64', 'FP16', 'INT64', 'UINT64', 'INT32', 'INT8', 'UINT16', 'BOOL', 'BYTES'];
  it.each(types)('as many as the limit says when every row answers as alone: %s', async (datatype) => {
    expect((await proven(model(datatype, identity))).rows).toBe(64);
  });

  it('tries sizes between, up to the limit', async () => {
    const { rows, sizes } = await proven(model('FP32', identity), 10);
    expect(rows).toBe(10);
    expect(sizes.filter((size) => size > 1)).toEqual([2, 3, 4, 5, 7, 8, 10]);
    expect((await proven(model('FP32', identity), 1)).rows).toBe(1);
  });

  it('no more than a slow model shows in the time there is', async () => {
    expect((await proven(model('FP32', identity), 64, () => undefined, 5)).sizes.slice(8)).toEqual([
      2, 3, 4, 5, 7, 8, 13,
    ]);
    expect((await proven(model('FP32', identity), 64, () => undefined, 300)).rows).toBe(1);
  });

  it('one when rows of a batch know of each other', async () => {
    const average = model('FP32', [{ op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: { axis: { int: 0 } } }]);
    expect((await proven(average)).rows).toBe(1);
  });

  it('one when rows know of each other at values that no trial has', async () => {
    const threshold = { name: 'limit', shape: [1], data: Float32Array.of(-1000) };
    const nodes = [
      { op: 'ReduceMax', inputs: ['x'], outputs: ['highest'], attributes: { axes: { ints: [0] } } },
      { op: 'Add', inputs: ['highest', 'limit'], outputs: ['above'] },
      { op: 'Relu', inputs: ['above'], outputs: ['more'] },
      { op: 'Add', inputs: ['x', 'more'], outputs: ['y'] },
    ];
    expect((await proven(model('FP32', nodes, { initializers: [threshold] }))).rows).toBe(1);
  });

  it('one when a single bit differs', async () => {
    const spoil = ([{ shape, data }]: Tensor[]): void => {
      if (shape[0] === 8) new Uint8Array((data as Float32Array).buffer)[60] ^= 1;
    };
    expect((await proven(model('FP32', identity), 64, spoil)).rows).toBe(1);
  });

  it('one when an input or an output has no free first dimension', async () => {
    const fixed = model('FP32', identity, { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }] });
    expect((await proven(fixed)).rows).toBe(1);
  });

  it('one when the graph refuses more than one row', async () => {
    const four = { name: 'two', shape: [2], data: BigInt64Array.of(1n, 2n) };
    const reshape = model('FP32', [{ op: 'Reshape', inputs: ['x', 'two'], outputs: ['y'] }], { initializers: [four] });
    expect((await proven(reshape)).rows).toBe(1);
  });

  it('leaves out variations that the model does not take', async () => {
    const lookup = model('INT64', [{ op: 'Gather', inputs: ['table', 'x'], outputs: ['y'] }], {
      initializers: [{ name: 'table', shape: [1], data: BigInt64Array.of(42n) }],
    });
    expect((await proven(lookup)).rows).toBe(64);
  });
});
