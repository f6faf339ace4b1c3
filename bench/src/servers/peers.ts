import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '#testing/native';
import { pythonWith } from '#testing/python';
import type { Bench } from '../bench.js';
import type { ServerProcess } from './server-process.js';

/** Their programs and what they are made of, from the root of the project. */
const PEERS = 'bench/peers';
const QUIET = { PYTHONWARNINGS: 'ignore', MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: '1' };

/** Made by pip at the first run, in a folder of its own. @throws Error saying why it can't be had. */
const pythonOf = async (peer: 'fastapi' | 'mlserver'): Promise<string> => {
  const found = await pythonWith(`${PEERS}/${peer}/requirements.txt`);
  if (found.python === undefined) throw new Error(`${peer} can't be installed. ${found.missing}`);
  return found.python;
};

/** The versions that a figure is about, as its requirements name them. */
export const versionsOf = (peer: 'fastapi' | 'mlserver', ...packages: string[]): string => {
  const lines = readFileSync(`${PEERS}/${peer}/requirements.txt`, 'utf8').split('\n');
  return packages.map((name) => lines.find((line) => line.startsWith(`${name}==`))?.replace('==', ' ')).join(', ');
};

export interface IrisForest {
  folder: string;
  columns: string[];
  rows: number[][];
  /** What scikit-learn itself predicts. */
  labels: number[];
}

/** Trains the forest and keeps it as each server wants it. */
export const makeForest = async (bench: Bench): Promise<IrisForest> => {
  const [python, folder] = [await pythonOf('fastapi'), await bench.folder()];
  await promisify(execFile)(python, [resolve(PEERS, 'make_forest.py'), folder], {
    env: { ...bench.options.environment.surroundings, ...QUIET },
  });
  return { folder, ...(JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8')) as Omit<IrisForest, 'folder'>) };
};

/** FastAPI under uvicorn with all that makes it fast (uvloop, httptools), no access log. */
export const startFastApi = async (
  bench: Bench,
  service: 'pyfunc_service' | 'onnx_service',
  forest: IrisForest,
  workers = 1,
): Promise<ServerProcess> => {
  const port = String(await freePort());
  return bench.startServer({
    name: `FastAPI (${service})`,
    command: await pythonOf('fastapi'),
    args: [
      ...[
        '-m',
        'uvicorn',
        `${service}:app`,
        '--app-dir',
        resolve(PEERS, 'fastapi'),
        '--host',
        '127.0.0.1',
        '--port',
        port,
      ],
      ...['--no-access-log', '--log-level', 'warning', '--workers', String(workers)],
    ],
    environment: {
      ...QUIET,
      MODEL: join(forest.folder, service === 'pyfunc_service' ? 'pyfunc' : 'onnx/model.onnx'),
      COLUMNS: JSON.stringify(forest.columns),
    },
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
  });
};

/** MLServer with its sklearn runtime in one process. */
export const startMlServer = async (bench: Bench, forest: IrisForest): Promise<ServerProcess> => {
  const [folder, http, grpc, metrics] = [await bench.folder(), await freePort(), await freePort(), await freePort()];
  const settings = { host: '127.0.0.1', http_port: http, grpc_port: grpc, metrics_port: metrics };
  const write = (file: string, content: object): void => {
    writeFileSync(join(folder, file), JSON.stringify(content));
  };
  // No parallel workers: the model runs in the process that holds the sockets. Its default is one more process.
  write('settings.json', { ...settings, debug: false, parallel_workers: 0 });
  mkdirSync(join(folder, 'iris'));
  write('iris/model-settings.json', {
    name: 'iris',
    implementation: 'mlserver_sklearn.SKLearnModel',
    parameters: { uri: join(forest.folder, 'forest.joblib'), version: '1' },
  });
  return bench.startServer({
    name: 'MLServer',
    command: await pythonOf('mlserver'),
    args: ['-c', 'from mlserver.cli import main; main()', 'start', folder],
    environment: QUIET,
    cwd: folder,
    url: `http://127.0.0.1:${String(http)}`,
    readyPath: '/v2/models/iris/ready',
  });
};

/** One of the bare servers beside this file. */
export const startBare = async (bench: Bench, module: 'fastify-echo' | 'bare-socket'): Promise<ServerProcess> => {
  const port = String(await freePort());
  return bench.startServer({
    name: module,
    command: process.execPath,
    args: [fileURLToPath(new URL(`./${module}.js`, import.meta.url)), port],
    environment: { NODE_ENV: 'production' },
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
  });
};
