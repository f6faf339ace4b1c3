import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readModel, signatureOf, writeModel } from '#onnx';
import { eventually } from '#testing';
import { PredictorRig } from '../../predictor-rig.behaviour.js';

const LAYERS = 12;
const WIDTH = 600;

/** Its one session is busy for a while with thousands of rows, in which others wait. */
const slowModel = (): Uint8Array => {
  const wide = Array.from({ length: LAYERS }, (_, at) => at);
  return writeModel({
    name: 'slow',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    initializers: [
      { name: 'first', shape: [2, WIDTH], data: new Float32Array(2 * WIDTH).fill(0.01) },
      { name: 'wide', shape: [WIDTH, WIDTH], data: new Float32Array(WIDTH * WIDTH).fill(0.001) },
      { name: 'last', shape: [WIDTH, 1], data: new Float32Array(WIDTH).fill(0.01) },
    ],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'first'], outputs: ['h0'] },
      ...wide.map((at) => ({
        op: 'MatMul',
        inputs: [`h${String(at)}`, 'wide'],
        outputs: [`h${String(at + 1)}`],
      })),
      { op: 'MatMul', inputs: [`h${String(LAYERS)}`, 'last'], outputs: ['y'] },
    ],
  });
};

const rowsOf = (count: number): string =>
  JSON.stringify({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [count, 2], data: new Array<number>(count * 2).fill(1) }],
  });
const post = (model: string, body: string, more = ''): string =>
  `POST /v2/models/${model}/infer HTTP/1.1\r\nhost: x\r\n${more}content-length: ${String(body.length)}\r\n\r\n${body}`;
/** Not plain: read by Node's own server. */
const NODE = 'te: trailers\r\n';

let rig: PredictorRig;
const sockets: Socket[] = [];
const wire = (): Socket => {
  const socket = connect({ port: Number(new URL(rig.url).port), host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  return socket.resume();
};
const promoteSlow = async (model: string): Promise<void> => {
  const bytes = slowModel();
  await rig.promote(1, { model, artifact: await rig.stored(bytes), signature: signatureOf(readModel(bytes)) });
  await eventually(async () => {
    expect((await rig.ask(`/v2/models/${model}/ready`)).status).toBe(200);
  });
};
const outcomes = async (model: string): Promise<string[]> => {
  const text = await (await fetch(`${rig.url}/metrics`)).text();
  return [...text.matchAll(/^baton_predictor_requests_total\{(.*)\} (\d+)$/gm)]
    .filter(([, labels]) => labels.includes(`model="${model}"`))
    .map(([, labels, count]) => `${/outcome="(\w+)"/.exec(labels)?.[1] ?? ''} ${count}`)
    .filter((line) => !line.endsWith(' 0'))
    .sort();
};

const running = async (model: string): Promise<boolean> => {
  const text = await (await fetch(`${rig.url}/metrics`)).text();
  return new RegExp(`^baton_predictor_pending_requests\\{model="${model}".*\\} 1$`, 'm').test(text);
};

beforeAll(async () => {
  rig = await PredictorRig.make();
  await rig.start({ PREDICTOR_WORKERS: '1', PREDICTOR_MAX_BATCH: '1' });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await rig.end();
});

const leaving: [string, (socket: Socket, text: string) => void][] = [
  ['hangs up', (socket, text) => socket.write(text, () => socket.destroy())],
  ['says that it sends nothing more', (socket, text) => void socket.end(text)],
  [
    'hangs up with a further request behind',
    (socket, text) => socket.write(text, () => setTimeout(() => socket.write(text, () => socket.destroy()), 20)),
  ],
];
const cases = leaving.flatMap(([what, leave], at) =>
  ['', NODE].map((more) => {
    const model = `slow-${String(at)}-${more === '' ? 'fast' : 'node'}`;
    // Node's server takes the further request up before the one ahead of it is answered.
    return { model, what, leave, more, gone: at === 2 && more !== '' ? 10 : 5 };
  }),
);

it.each(cases)('nothing is computed for a waiting client that $what ($model)', async ({ model, leave, more, gone }) => {
  await promoteSlow(model);
  const first = rig.ask(`/v2/models/${model}/infer`, rowsOf(6000));
  await eventually(async () => {
    expect(await running(model)).toBe(true);
  });
  for (let count = 0; count < 5; count++) leave(wire(), post(model, rowsOf(1), more));
  expect((await first).status).toBe(200);
  await eventually(async () => {
    expect(await outcomes(model)).toEqual([`CLIENT_GONE ${String(gone)}`, 'ok 1']);
  });
});
