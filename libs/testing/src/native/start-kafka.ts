import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../free-port.js';
import { environmentOf, type RunningService } from '../service.js';
import { kafkaLogging, kafkaPom, kafkaProperties, kafkaVersion } from './kafka-config.js';
import type { NativeOptions } from './native-service.js';
import { cached, runTool } from './program-cache.js';
import { startServer } from './server-program.js';

/** Apache Kafka in KRaft mode from Maven Central's jars, one node, on the loopback. Needs Java 17 or newer, Maven the first time. */
export const startKafka = async (options: NativeOptions): Promise<RunningService> => {
  await demandJava();
  const jars = await kafkaJars(options.cacheDir);
  const folder = join(options.dataDir, 'kafka');
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  const logging = join(folder, 'log4j2.yaml');
  const controller = await freePort();
  writeFileSync(properties, kafkaProperties({ broker: options.port, controller, dataDir: data }));
  writeFileSync(logging, kafkaLogging);
  // The serial collector and the quick compiler: a broker for tests lives for minutes and shares two cores with all else.
  const java = ['-cp', join(jars, '*'), '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  java.push(`-Dlog4j2.configurationFile=file:${logging}`);

  if (!existsSync(join(data, 'meta.properties'))) {
    rmSync(data, { recursive: true, force: true });
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
    await promisify(execFile)('java', [...java, ...format], { cwd: folder });
  }
  const logFile = join(options.dataDir, 'kafka.log');
  const stop = await startServer(
    {
      name: 'Kafka',
      command: 'java',
      args: [...java, 'kafka.Kafka', properties],
      cwd: folder,
      logFile,
      signal: 'SIGTERM',
      ready: () => Promise.resolve(readFileSync(logFile, 'utf8').includes('Kafka Server started')),
    },
    options.notes,
  );
  const environment = environmentOf.kafka('127.0.0.1', options.port);
  return { name: 'kafka', how: `native, Kafka ${kafkaVersion} from Maven Central`, environment, stop };
};

/** Any id does: there is one broker. */
const clusterId = 'YmF0b24tbmF0aXZlLWthZg';

/** The folder of the broker's jars, fetched once. */
export const kafkaJars = (cacheDir: string): Promise<string> =>
  cached(cacheDir, `kafka-${kafkaVersion}`, async (folder) => {
    const pom = join(folder, 'pom.xml');
    writeFileSync(pom, kafkaPom);
    const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
    await runTool('mvn', ['-B', '-q', '-ntp', '-f', pom, ...copy], {
      install: "Install Maven (Debian: apt-get install maven); it fetches Kafka's jars once.",
    });
  });

const demandJava = async (): Promise<void> => {
  const install = 'Install Java 17 or newer (Debian: apt-get install default-jre-headless).';
  const { stderr } = await promisify(execFile)('java', ['-version']).catch(() => {
    throw new Error(`java is not installed. ${install}`);
  });
  const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
  if (major < 17) throw new Error(`Kafka needs Java 17, this is Java ${String(major)}. ${install}`);
};
