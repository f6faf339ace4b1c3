import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentWith, runEnvironment } from '../environment.js';
import { freePort } from '../free-port.js';
import { clearLeftovers, RunNotes } from '../native/run-notes.js';
import { startServer } from '../native/server-program.js';

export interface MlflowServerOptions {
  /** Of an environment that has mlflow and psycopg2. */
  python: string;
  /** A PostgreSQL database of its own, e.g. from `freshDatabase()`; the server makes its tables. */
  databaseUrl: string;
  /** Unset: MLflow's own default, for measurements beside it. */
  workers?: number;
  environment?: Record<string, string>;
}

export interface MlflowServer {
  url: string;
  /** Where it keeps artifacts; goes with the server. */
  artifactsDir: string;
  logFile: string;
  stop: () => Promise<void>;
}

/** A real `mlflow server` on the loopback that serves artifacts; it ends with this process even if that is killed. */
export const startMlflowServer = async (options: MlflowServerOptions): Promise<MlflowServer> => {
  const { cacheDir } = runEnvironment();
  await clearLeftovers(cacheDir);
  const folder = mkdtempSync(join(tmpdir(), 'baton-mlflow-'));
  const notes = new RunNotes(cacheDir, folder, true);
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const artifactsDir = join(folder, 'artifacts');
  const logFile = join(folder, 'server.log');
  const stop = await startServer(
    {
      name: 'The MLflow server',
      command: options.python,
      args: [
        ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', port],
        ...['--backend-store-uri', sqlalchemyUrl(options.databaseUrl)],
        ...['--serve-artifacts', '--artifacts-destination', artifactsDir],
        ...(options.workers === undefined ? [] : ['--workers', String(options.workers)]),
      ],
      cwd: folder,
      logFile,
      signal: 'SIGTERM',
      environment: environmentWith({
        DO_NOT_TRACK: '1',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        ...options.environment,
      }) as Record<string, string>,
      ready: async () => (await fetch(`${url}/health`)).ok,
      startTimeoutMs: 180_000,
    },
    notes,
  );
  return {
    url,
    artifactsDir,
    logFile,
    stop: async () => {
      await stop();
      notes.close();
    },
  };
};

/** SQLAlchemy's name of the driver: unnamed, the newest one takes another that may not be installed. */
const sqlalchemyUrl = (url: string): string => url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
