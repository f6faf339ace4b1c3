import type { RunEnvironment } from './environment.js';
import { startNatively } from './native/start-natively.js';
import { type RunningService, type ServiceName, serviceNames } from './service.js';

export interface FoundServices {
  running: RunningService[];
  missing: { name: ServiceName; reason: string }[];
  stop: () => Promise<void>;
}

/** For each service the first of: named in the environment, in a container, native. What fails in one way is tried in the next. */
export const findServices = async (run: RunEnvironment): Promise<FoundServices> => {
  const running = run.only === undefined ? namedServices(run) : [];
  const reasons: Record<ServiceName, string[]> = { kafka: [], postgres: [], s3: [] };
  const wanted = (): ServiceName[] => serviceNames.filter((name) => !running.some((service) => service.name === name));
  const stops: (() => Promise<void>)[] = [];

  if (run.only !== 'native' && wanted().length > 0) {
    const started = await inContainers(wanted());
    for (const { name, reason } of started.missing) reasons[name].push(reason);
    for (const service of started.running) {
      running.push(service);
      stops.push(service.stop);
    }
  }
  if (run.only !== 'containers' && wanted().length > 0) {
    const started = await startNatively({ cacheDir: run.cacheDir, names: wanted() });
    for (const { name, reason } of started.missing) reasons[name].push(reason);
    running.push(...started.running);
    stops.push(started.stop);
  }
  return {
    running,
    missing: wanted().map((name) => ({ name, reason: reasons[name].join(' ') })),
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
};

const namedServices = (run: RunEnvironment): RunningService[] =>
  run.named.map((name) => ({
    name,
    how: 'named in the environment',
    environment: {},
    stop: () => Promise.resolve(),
  }));

const inContainers = async (names: ServiceName[]): Promise<Omit<FoundServices, 'stop'>> => {
  // Loaded late: it is large, and most runs need none of it.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return { running: [], missing: names.map((name) => ({ name, reason: 'No container engine answers.' })) };
  }
  const { startContainer } = await import('./containers/start-containers.js');
  const running: RunningService[] = [];
  const missing: FoundServices['missing'] = [];
  await Promise.all(
    names.map(async (name) => {
      try {
        running.push(await startContainer(name));
      } catch (error) {
        missing.push({ name, reason: `In a container: ${error instanceof Error ? error.message : String(error)}` });
      }
    }),
  );
  return { running, missing };
};
