import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  isServiceName,
  type NativeRequest,
  runEnvironment,
  serviceNames,
  startNatively,
  type ServiceName,
} from '#testing/native';

const help = `npm run services [-- options]

Starts Kafka, PostgreSQL and an S3 server natively on this machine, without containers, and prints the variables
by which Baton finds them. Ctrl-C stops all of them.

  --only a,b            of kafka, postgres, s3: only these
  --kafka-port N        default: 9092 if it is free, else any
  --postgres-port N     default: 5432 if it is free, else any
  --s3-port N           default: 7070 if it is free, else any
  --data-dir DIR        keeps the data there; default: a temporary folder that goes with the run
  --write-env FILE      also writes the variables to FILE, as NAME=value
  --help

Kafka needs Java 17 or newer, and Maven the first time; the S3 server needs Go 1.25 or newer the first time.
What is fetched or built is kept in ~/.cache/baton (or BATON_CACHE_DIR).
`;

const portOf = (flag: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`${flag} takes a port, not "${text}".`);
  return port;
};

const namesOf = (text: string | undefined): readonly ServiceName[] => {
  if (text === undefined) return serviceNames;
  return text.split(',').map((name) => {
    if (!isServiceName(name)) throw new Error(`--only knows ${serviceNames.join(', ')}, not "${name}".`);
    return name;
  });
};

const read = (): (NativeRequest & { envFile?: string }) | undefined => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      'kafka-port': { type: 'string' },
      'postgres-port': { type: 'string' },
      's3-port': { type: 'string' },
      'data-dir': { type: 'string' },
      'write-env': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  return {
    cacheDir: runEnvironment().cacheDir,
    names: namesOf(values.only),
    dataDir: values['data-dir'],
    ports: {
      kafka: portOf('--kafka-port', values['kafka-port']),
      postgres: portOf('--postgres-port', values['postgres-port']),
      s3: portOf('--s3-port', values['s3-port']),
    },
    wishes: { kafka: 9092, postgres: 5432, s3: 7070 },
    envFile: values['write-env'],
  };
};

const main = async (): Promise<void> => {
  const request = read();
  if (request === undefined) {
    process.stdout.write(help);
    return;
  }
  // A signal during the start is kept until everything that was begun can be stopped.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        resolve();
      });
  });
  process.stderr.write(`Starting ${request.names.join(', ')} (the first time takes a few minutes) …\n`);
  const run = await startNatively(request);
  if (run.leftovers > 0) process.stderr.write(`Ended ${String(run.leftovers)} server(s) that a killed run had left.\n`);
  for (const { name, how } of run.running) process.stderr.write(`${name}: ${how}\n`);
  for (const { name, reason } of run.missing) process.stderr.write(`${name} is missing: ${reason}\n`);
  if (run.missing.length > 0) {
    await run.stop();
    process.exitCode = 1;
    return;
  }
  const variables = run.running.flatMap(({ environment }) => Object.entries(environment)).sort();
  if (request.envFile !== undefined)
    writeFileSync(request.envFile, variables.map(([name, value]) => `${name}=${value}\n`).join(''));
  process.stdout.write(variables.map(([name, value]) => `export ${name}=${value}\n`).join(''));
  process.stderr.write(`Data and logs are in ${run.dataDir}. Ctrl-C stops the services.\n`);

  const alive = setInterval(() => undefined, 60_000);
  await asked;
  clearInterval(alive);
  process.stderr.write('Stopping …\n');
  await run.stop();
};

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
