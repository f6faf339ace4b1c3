import { join } from 'node:path';
import type { Bench } from '../bench.js';
import type { Figure } from '../figure.js';
import { addVersion, createModel, filesIn, promote } from '../fill/registered-version.js';
import { Generator } from '../load/generator.js';
import type { LoadRequest } from '../load/workloads.js';
import { makeForest, startBare, startFastApi, startMlServer, versionsOf, type IrisForest } from '../servers/peers.js';
import { coresInWords } from '../servers/pinned.js';
import { Platform, type Predictor } from '../servers/platform.js';
import { clientsOn, playInTurn, type Comparison, type Player } from '../side-by-side.js';
import { inferRequests, mustPredict, recordRequests } from './iris.js';
import { measureTensors } from './serving-tensors.js';

const CLIENTS = 64;
const NAME = 'iris';

/** One forest on iris, served by us and by others: one process each, the same cores, the same requests. */
export const measureServing = async (bench: Bench): Promise<Figure[]> => {
  const forest = await makeForest(bench);
  const platform = await Platform.start(bench, { bus: 'postgres', store: 'folder' });
  const { registry } = platform;
  await createModel(registry, NAME);
  await promote(registry, NAME, await addVersion(registry, NAME, filesIn(join(forest.folder, 'onnx'))));
  const predictor = await platform.startPredictor({});
  await predictor.serves(NAME);
  const singleRows = await measureSingleRows(bench, predictor, forest);
  await predictor.stop();
  return [...singleRows, ...(await measureTensors(bench, platform, forest))];
};

interface Peer extends Pick<Comparison, 'name' | 'against' | 'atLeast' | 'p99AtMost' | 'notes'> {
  /** Started when its turn comes and stopped after it. */
  start: () => Promise<{ url: string; stop: () => Promise<void> }>;
  ours: LoadRequest[];
  theirs: LoadRequest[];
  /** It gives back what it is sent, or a fixed text: there is nothing to compare. */
  echoes?: boolean;
}

const measureSingleRows = async (bench: Bench, predictor: Predictor, forest: IrisForest): Promise<Figure[]> => {
  const { rounds, seconds } = bench;
  const generator = new Generator(bench.options.cores.load);
  bench.atEnd(() => {
    generator.close();
    return Promise.resolve();
  });
  const player = (url: string, requests: LoadRequest[]): Player =>
    clientsOn(generator, { url, workload: 'rows', given: { requests }, clients: CLIENTS });
  const measure = async (peer: Peer): Promise<Figure> => {
    const { name, against, atLeast, p99AtMost, notes } = peer;
    const server = await peer.start();
    try {
      if (peer.echoes !== true) {
        await mustPredict(predictor.url, peer.ours, forest.labels);
        await mustPredict(server.url, peer.theirs, forest.labels);
      }
      const what: Comparison = { group: 'serving', name, against, atLeast, p99AtMost, notes, rounds, seconds };
      return await playInTurn([player(predictor.url, peer.ours), player(server.url, peer.theirs)], what);
    } finally {
      await server.stop();
    }
  };
  const figures: Figure[] = [];
  for (const peer of bench.only(peersOf(bench, forest)))
    figures.push(...(await bench.attempt(peer.name, () => measure(peer))));
  return figures;
};

const peersOf = (bench: Bench, forest: IrisForest): Peer[] => {
  const records = recordRequests(forest, '/predict');
  const tensors = inferRequests(forest, { input: 'X', datatype: 'FP32', output: 'label' });
  const echo = (requests: LoadRequest[], path: string) => ({
    ours: requests,
    theirs: requests.map((request) => ({ ...request, path })),
    echoes: true,
    atLeast: 0.8,
    start: () => startBare(bench, 'fastify-echo'),
  });
  return [
    {
      name: 'single row, /predict',
      against: 'FastAPI + mlflow.pyfunc',
      atLeast: 40,
      p99AtMost: 0.1,
      start: () => startFastApi(bench, 'pyfunc_service', forest),
      ours: records,
      theirs: records,
      notes: `${versionsOf('fastapi', 'fastapi', 'uvicorn', 'mlflow', 'scikit-learn', 'pandas')}; ${coresInWords(bench.options.cores)}, one process each`,
    },
    {
      name: 'single row, Open Inference Protocol',
      against: 'MLServer (sklearn)',
      atLeast: 5,
      start: () => startMlServer(bench, forest),
      ours: tensors,
      theirs: inferRequests(forest, { input: 'predict', datatype: 'FP32', output: 'predict' }),
      notes: `${versionsOf('mlserver', 'mlserver', 'mlserver-sklearn', 'scikit-learn')}; without parallel workers, so one process each`,
    },
    {
      name: 'single row, /predict, the fast way in Python',
      against: 'FastAPI + onnxruntime + orjson',
      atLeast: 2,
      start: () => startFastApi(bench, 'onnx_service', forest),
      ours: records,
      theirs: records,
      notes: versionsOf('fastapi', 'fastapi', 'uvicorn', 'uvloop', 'httptools', 'onnxruntime', 'orjson'),
    },
    { name: 'single row, /predict, beside an echo', against: 'Fastify, JSON in and out', ...echo(records, '/json') },
    { name: 'single row, /predict, beside an echo', against: 'Fastify, the bytes unread', ...echo(records, '/bytes') },
    {
      name: 'single row, Open Inference Protocol, beside an echo',
      against: 'Fastify, JSON in and out',
      ...echo(tensors, '/json'),
    },
    {
      name: 'single row, /predict, beside what the load generator can do',
      against: 'a fixed text from a bare socket',
      start: () => startBare(bench, 'bare-socket'),
      ours: records,
      theirs: records,
      echoes: true,
      notes: 'the ceiling of the generator: as long as a server stays well below it, it is the server that is measured',
    },
  ];
};
