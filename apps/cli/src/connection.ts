import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '#runtime';
import { CliError } from './cli-error.js';

/** The parts of standalone's `endpoints.json` that a command needs. */
export interface StandaloneEndpoints {
  registry: string;
  databaseUrl: string;
  kafkaBrokers: string | null;
}

/** Where a standalone on this folder listens; undefined when none runs there. */
export const standaloneAt = (dataDir: string): StandaloneEndpoints | undefined => {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as StandaloneEndpoints;
  } catch {
    return undefined;
  }
};

/** The flag wins over BATON_REGISTRY, that over a standalone running here, that over the registry's usual port. */
export const registryUrl = (flag: string | undefined, settings: Settings, dataDir: string): string => {
  const url = flag ?? settings.BATON_REGISTRY ?? standaloneAt(dataDir)?.registry ?? 'http://127.0.0.1:5000';
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CliError(`--registry takes an address such as http://localhost:5000, not "${url}".`, 2);
  return url.replace(/\/+$/, '');
};

/** Settings that name a bus: those of the environment, else those of a standalone running here. */
export const busSettings = (settings: Settings, dataDir: string): Settings => {
  if (settings.KAFKA_BROKERS !== undefined || settings.DATABASE_URL !== undefined) return settings;
  const standalone = standaloneAt(dataDir);
  if (standalone === undefined)
    throw new CliError(
      `No bus to work on: set KAFKA_BROKERS (or DATABASE_URL where events go over PostgreSQL), or name the folder of a running \`npm start\` by --data-dir (none runs on ${dataDir}).`,
    );
  return {
    ...settings,
    DATABASE_URL: standalone.databaseUrl,
    ...(standalone.kafkaBrokers !== null && { KAFKA_BROKERS: standalone.kafkaBrokers.split(',') }),
  };
};
