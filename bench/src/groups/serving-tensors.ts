import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from '#onnx/runtime';
import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { Traffic } from '../load/traffic/traffic.js';
import type { TrafficPlan } from '../load/traffic/traffic-plan.js';
import { startLoop } from '../servers/loop.js';
import type { IrisForest } from '../servers/peers.js';
import type { Platform, Predictor } from '../servers/platform.js';
import { playInTurn, type Comparison, type Player } from '../side-by-side.js';
import { expectedOf } from './expected-answers.js';
import { mustBeClean, roundOf } from './traffic-figures.js';

const LARGE_ROWS = 1000;
const NAME = 'iris';
const [INPUT, OUTPUT, COLUMNS] = ['X', 'probabilities', 4];

interface TensorFigure extends Pick<Comparison, 'name' | 'atLeast'> {
  protocol: TrafficPlan['protocol'];
  connections: number;
  rows: number;
}

/** The lean ways in, every answer checked to the bit, beside a loop that runs the same rows and does nothing else. */
export const measureTensors = async (bench: Bench, platform: Platform, forest: IrisForest): Promise<Figure[]> => {
  const wanted = bench.only<TensorFigure>([
    { name: 'single row, gRPC, 64 connections', protocol: 'grpc', connections: 64, rows: 1 },
    { name: 'single row, binary tensors over HTTP, 64 connections', protocol: 'http-binary', connections: 64, rows: 1 },
    {
      name: '1,000 rows × 4, binary tensors over HTTP',
      protocol: 'http-binary',
      connections: 4,
      rows: LARGE_ROWS,
      atLeast: 0.7,
    },
    { name: '1,000 rows × 4, gRPC', protocol: 'grpc', connections: 4, rows: LARGE_ROWS, atLeast: 0.7 },
  ]);
  if (wanted.length === 0) return [];
  // The loop has one thread, so one thread runs the model on our side.
  const predictor = await platform.startPredictor({ PREDICTOR_WORKERS: '1' });
  await predictor.serves(NAME);
  const traffic = new Traffic(bench.options.cores.load);
  bench.atEnd(() => {
    traffic.close();
    return Promise.resolve();
  });
  const file = join(forest.folder, 'onnx/model.onnx');
  const session = await openSession(readFileSync(file));
  const figures: Figure[] = [];
  for (const what of wanted)
    figures.push(
      ...(await bench.attempt(what.name, async () => {
        const features = featuresOf(forest, what.rows);
        const shape = { input: INPUT, output: OUTPUT, columns: COLUMNS, rows: what.rows, features };
        const expected = await expectedOf(session, shape);
        const plan = planOf(predictor, what, features, expected);
        const { rounds, seconds } = bench;
        return playInTurn([checked(traffic, plan), startLoop(bench, { ...shape, file })], {
          ...{ group: 'serving', name: what.name, atLeast: what.atLeast, rounds, seconds },
          against: 'a bare loop of onnxruntime on one thread',
          notes: notesOf(what),
        });
      })),
    );
  await session.release();
  return figures;
};

const notesOf = ({ rows }: TensorFigure): string =>
  rows > 1
    ? `${rows.toLocaleString('en')} rows in each request and each run`
    : 'requests are run together, the loop runs row by row';

/** The rows of iris again and again; eight different requests when they are large. */
const featuresOf = ({ rows }: IrisForest, each: number): Float32Array => {
  const requests = each === 1 ? rows.length : 8;
  return Float32Array.from({ length: requests * each * COLUMNS }, (_, at) => {
    const row = rows[Math.floor(at / COLUMNS) % rows.length];
    return row[at % COLUMNS];
  });
};

const planOf = (
  predictor: Predictor,
  { protocol, connections, rows }: TensorFigure,
  features: Float32Array,
  expected: Float32Array,
): TrafficPlan => ({
  protocol,
  address: protocol === 'grpc' ? predictor.address : predictor.url,
  models: [NAME],
  connections,
  timeoutMs: 60_000,
  input: { name: INPUT, columns: COLUMNS },
  output: OUTPUT,
  rows,
  features,
  expected: { [`${NAME}:1`]: expected },
});

/** @throws Error when an answer failed or was another one than expected. */
const checked =
  (traffic: Traffic, plan: TrafficPlan): Player =>
  async (seconds) => {
    const seen = await traffic.carryOut({ ...plan, seconds });
    mustBeClean([seen]);
    return roundOf(seen);
  };
