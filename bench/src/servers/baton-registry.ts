import { fileURLToPath } from 'node:url';
import { freePort } from '#testing/native';
import { ServerProcess } from './server-process.js';

export interface RegistrySpec {
  databaseUrl: string;
  surroundings: Record<string, string>;
  artifactsDir: string;
  /** Laid over its environment: a bus, a store. */
  settings?: Record<string, string>;
  /** Folder for a CPU profile of the process, written when it ends. */
  profileDir?: string;
}

/** The compiled tree: this file is `<dist>/bench/src/servers/baton-registry.js`. */
const entry = fileURLToPath(new URL('../../../apps/registry/src/main.js', import.meta.url));

/** Our registry, the process that people run: one, with its defaults. */
export const startRegistry = async (spec: RegistrySpec): Promise<ServerProcess> => {
  const port = await freePort();
  return ServerProcess.start({
    name: 'The registry',
    command: process.execPath,
    args: [...(spec.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${spec.profileDir}`]), entry],
    cwd: spec.artifactsDir,
    environment: {
      ...spec.surroundings,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      REGISTRY_PORT: String(port),
      DATABASE_URL: spec.databaseUrl,
      ARTIFACTS_DIR: spec.artifactsDir,
      ...spec.settings,
    },
    url: `http://127.0.0.1:${String(port)}`,
    // It listens before its tables are there.
    readyPath: '/api/2.0/mlflow/experiments/get?experiment_id=0',
  });
};
