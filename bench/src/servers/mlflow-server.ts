import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '#testing/native';
import { ServerProcess } from './server-process.js';

export interface MlflowSpec {
  python: string;
  databaseUrl: string;
  surroundings: Record<string, string>;
  /** Where it works and puts artifacts. */
  folder: string;
}

/** `mlflow server` as its documentation starts it: default workers, artifacts through its proxy. */
export const startMlflow = async (spec: MlflowSpec): Promise<ServerProcess> => {
  const port = await freePort();
  const store = spec.databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
  return ServerProcess.start({
    name: 'mlflow server',
    command: spec.python,
    args: [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port)],
      ...['--backend-store-uri', store, '--artifacts-destination', `${spec.folder}/artifacts`],
    ],
    cwd: spec.folder,
    environment: { ...spec.surroundings, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: '1' },
    url: `http://127.0.0.1:${String(port)}`,
    readyPath: '/api/2.0/mlflow/experiments/get?experiment_id=0',
  });
};

export const mlflowVersion = async (python: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(python, [
    '-c',
    'import importlib.metadata as m; print(m.version("mlflow"))',
  ]);
  return stdout.trim();
};
