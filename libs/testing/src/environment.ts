import { homedir } from 'node:os';
import { join } from 'node:path';
import { isServiceName, type ServiceName, serviceNames } from './service.js';

/** The variables of a test run. This file and no other of the test tools reads or sets the environment. */
export interface RunEnvironment {
  /** Programs that were downloaded or built, kept between runs; also the notes of what is running. */
  cacheDir: string;
  /** Services that somebody else runs; the tests read where they are as the apps do. */
  named: ServiceName[];
  /** Services, and `python` with its packages, without which the run has failed. */
  required: (ServiceName | 'python')[];
  /** Unset: named ones, then containers, then native. */
  only?: 'containers' | 'native';
  /** Requests that each fuzzer sends. */
  fuzzCases: number;
}

const variableOf = { kafka: 'KAFKA_BROKERS', postgres: 'DATABASE_URL', s3: 'S3_ENDPOINT' } as const;

/** @throws Error naming the variable and what it may be. */
export const runEnvironment = (given: NodeJS.ProcessEnv = process.env): RunEnvironment => ({
  cacheDir: given.BATON_CACHE_DIR ?? join(given.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'baton'),
  named: serviceNames.filter((name) => (given[variableOf[name]] ?? '') !== ''),
  required: (given.BATON_REQUIRE ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      if (name !== 'python' && !isServiceName(name))
        throw new Error(`BATON_REQUIRE knows kafka, postgres, s3 and python, not "${name}".`);
      return name;
    }),
  only: onlyOf(given.BATON_SERVICES),
  fuzzCases: casesOf(given.BATON_FUZZ_CASES),
});

const casesOf = (text = ''): number => {
  const cases = text === '' ? FUZZ_CASES : Number(text);
  if (!Number.isSafeInteger(cases) || cases < 1)
    throw new Error(`BATON_FUZZ_CASES is a number of requests, not "${text}".`);
  return cases;
};

/** Some ten seconds of each fuzzer. */
const FUZZ_CASES = 2_000;

export const fuzzCases = (): number => runEnvironment().fuzzCases;

const onlyOf = (text: string | undefined): RunEnvironment['only'] => {
  if (text === undefined || text === '') return undefined;
  if (text === 'containers' || text === 'native') return text;
  throw new Error(`BATON_SERVICES is "containers" or "native", not "${text}".`);
};

/** Test workers, and the processes that tests start, are children of this process: they see what is set here. */
export const announce = (variables: Record<string, string>): void => {
  Object.assign(process.env, variables);
};

/** Our environment and some more, for a program that we start. */
export const environmentWith = (more: Record<string, string>): NodeJS.ProcessEnv => ({ ...process.env, ...more });
