import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, isFree } from '../free-port.js';
import { type RunningService, type ServiceName } from '../service.js';
import type { NativeOptions } from './native-service.js';
import { clearLeftovers, RunNotes, userOf } from './run-notes.js';
import { startKafka } from './start-kafka.js';
import { startPostgres } from './start-postgres.js';
import { startS3 } from './start-s3.js';

const starters: Record<ServiceName, (options: NativeOptions) => Promise<RunningService>> = {
  kafka: startKafka,
  postgres: startPostgres,
  s3: startS3,
};

export interface NativeRequest {
  cacheDir: string;
  names: readonly ServiceName[];
  /** Kept between runs; unset: a temporary folder that goes with the run. */
  dataDir?: string;
  /** A port that must be had. */
  ports?: Partial<Record<ServiceName, number>>;
  /** A port that is taken when it is free; else any. */
  wishes?: Partial<Record<ServiceName, number>>;
}

export interface NativeRun {
  running: RunningService[];
  /** Why a service could not be started. */
  missing: { name: ServiceName; reason: string }[];
  dataDir: string;
  /** Servers of killed runs that were ended first. */
  leftovers: number;
  stop: () => Promise<void>;
}

/**
 * Starts the services side by side; one that can't be started does not hinder the others.
 * @throws Error when the data folder is in use by another run.
 */
export const startNatively = async (request: NativeRequest): Promise<NativeRun> => {
  const leftovers = await clearLeftovers(request.cacheDir);
  const temporary = request.dataDir === undefined;
  const dataDir = temporary ? mkdtempSync(join(tmpdir(), 'baton-services-')) : resolve(request.dataDir ?? '');
  const user = userOf(request.cacheDir, dataDir);
  if (user !== undefined) throw new Error(`${dataDir} is in use by process ${String(user)}.`);
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o755); // PostgreSQL, under root, enters as another user
  const notes = new RunNotes(request.cacheDir, dataDir, temporary);

  const running: RunningService[] = [];
  const missing: NativeRun['missing'] = [];
  await Promise.all(
    request.names.map(async (name) => {
      try {
        const port = await portFor(name, request);
        running.push(await starters[name]({ cacheDir: request.cacheDir, dataDir, temporary, port, notes }));
      } catch (error) {
        missing.push({ name, reason: error instanceof Error ? error.message : String(error) });
      }
    }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((service) => service.stop()));
    notes.close();
  };
  return { running, missing, dataDir, leftovers, stop };
};

const portFor = async (name: ServiceName, request: NativeRequest): Promise<number> => {
  const given = request.ports?.[name];
  if (given === undefined) return freePort(request.wishes?.[name]);
  if (!(await isFree(given))) throw new Error(`Port ${String(given)} is in use.`);
  return given;
};
