import { announce, runEnvironment } from './environment.js';
import { findServices, type FoundServices } from './find-services.js';
import { runReport } from './run-report.js';

const key = Symbol.for('baton.services');
const place = globalThis as { [key]?: { found: Promise<FoundServices>; users: number } };

/**
 * Finds or starts the services of a test run and names them in the environment. vitest calls it for each project that has a selected
 * file, so a run of unit tests starts nothing; the projects of one run share the services, and the last one out stops them.
 */
export const setup = async (): Promise<() => Promise<void>> => {
  const environment = runEnvironment();
  const shared = (place[key] ??= { found: findServices(environment), users: 0 });
  shared.users += 1;
  if (shared.users === 1) stopOnSignals(shared.found);
  const found = await shared.found;
  for (const service of found.running) announce(service.environment);
  const report = runReport();
  report.used = found.running.map(({ name, how }) => ({ name, how }));
  report.missing = found.missing.map((one) => ({ ...one, required: environment.required.includes(one.name) }));
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    place[key] = undefined;
    await found.stop();
  };
};

/**
 * Without a terminal vitest dies of a signal at once, without its tear-down: the services would stay. The listeners are not taken away
 * after the first signal, as a program that vitest uses sends each signal once more to itself.
 */
const stopOnSignals = (found: Promise<FoundServices>): void => {
  let asked = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      void found.then(({ stop }) => stop()).finally(() => process.exit(code));
    });
};
