import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeModel } from '#onnx';
import { eventually, services } from '#testing';
import { LonePredictor } from './lone-predictor.js';

/** One matrix after the other. */
const matrices = (width: number, layers: number): Uint8Array =>
  writeModel({
    name: 'matrices',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    initializers: [
      { name: 'first', shape: [2, width], data: new Float32Array(2 * width).fill(0.01) },
      { name: 'wide', shape: [width, width], data: new Float32Array(width * width).fill(0.001) },
      { name: 'last', shape: [width, 1], data: new Float32Array(width).fill(0.01) },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'first'], outputs: ['h0'] },
      ...Array.from({ length: layers }, (_, at) => ({
        op: 'MatMul',
        inputs: [`h${String(at)}`, 'wide'],
        outputs: [`h${String(at + 1)}`],
      })),
      { op: 'MatMul', inputs: [`h${String(layers)}`, 'last'], outputs: ['y'] },
    ],
  });
/** It has a thread of its own: a run can't be broken off. */
const large = matrices(1000, 30);

const rowsOf = (count: number): string =>
  JSON.stringify({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [count, 2], data: new Array<number>(2 * count).fill(1) }],
  });

describe.skipIf(services().postgres === undefined)('runs that nobody waits for any more', () => {
  let predictor: LonePredictor;
  beforeEach(async () => {
    predictor = await LonePredictor.prepare({ environment: { PREDICTOR_WORKERS: '1', PREDICTOR_TIMEOUT_MS: '5000' } });
    predictor.platform.explainFailure();
    await predictor.platform.start('predictor');
  });
  afterEach(() => predictor.platform.close());

  const pending = async (): Promise<number> => {
    const text = await (await fetch(`${predictor.url}/metrics`)).text();
    return Number(/^baton_predictor_pending_requests\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  const askAndHangUp = async (rows: number): Promise<void> => {
    const body = rowsOf(rows);
    const { hostname, port } = new URL(predictor.url);
    const socket = connect(Number(port), hostname);
    const target = `/v2/models/${predictor.platform.model}/infer`;
    socket.write(`POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`);
    await eventually(async () => {
      expect(await pending()).toBe(1);
    }, 30_000);
    socket.destroy();
    await eventually(async () => {
      expect(await pending()).toBe(0);
    }, 30_000);
  };

  it(
    'do not keep the process from ending well, even where they can not be broken off',
    { timeout: 120_000 },
    async () => {
      await predictor.promote(1, large);
      await predictor.servesVersion(1);
      await askAndHangUp(50_000);
      expect(await predictor.platform.stop('predictor')).toEqual({ code: 0, signal: null });
    },
  );
});
