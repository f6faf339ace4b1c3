import type { AppName, StandaloneOptions } from './options.js';

/** The address at which this machine reaches a server that listens on `host`. */
export const urlOf = (host: string, port: number): string =>
  `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${String(port)}`;

/** The same without a scheme, as gRPC's clients want it. */
export const grpcAddressOf = (host: string, port: number): string => new URL(urlOf(host, port)).host;

/** What a process needs of its surroundings whatever it runs. */
const surroundings = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'];

/**
 * The environment of one app, made here and complete: the settings that were given, the addresses that were chosen, and
 * nothing else of what this process inherited.
 */
export const environmentOf = (
  app: AppName,
  options: StandaloneOptions,
  databaseUrl: string,
  given: NodeJS.ProcessEnv,
  settingNames: readonly string[],
): Record<string, string> => {
  const inherited = Object.fromEntries(
    [...surroundings, ...settingNames].flatMap((name) => {
      const value = given[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  return {
    ...inherited,
    HOST: options.host,
    REGISTRY_PORT: String(options.ports.registry),
    PREDICTOR_PORT: String(options.ports.predictor),
    PREDICTOR_GRPC_PORT: String(options.grpcPort),
    TRAINER_PORT: String(options.ports.trainer),
    REGISTRY_URL: urlOf(options.host, options.ports.registry),
    DATABASE_URL: databaseUrl,
    ...folders(options.dataDir, given),
    ...(app === 'predictor' && {
      PREDICTOR_ID: given.PREDICTOR_ID ?? 'standalone',
      PUBLIC_URL: given.PUBLIC_URL ?? urlOf(options.host, options.ports.predictor),
    }),
  };
};

/** Below the data folder unless a setting names another place; `--data-dir` would not move anything otherwise. */
const folders = (dataDir: string, given: NodeJS.ProcessEnv): Record<string, string> => ({
  ARTIFACTS_DIR: given.ARTIFACTS_DIR ?? `${dataDir}/artifacts`,
  PREDICTOR_CACHE_DIR: given.PREDICTOR_CACHE_DIR ?? `${dataDir}/predictor`,
  TRAINER_DATA_ROOT: given.TRAINER_DATA_ROOT ?? `${dataDir}/datasets`,
});
