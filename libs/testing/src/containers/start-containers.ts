import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { freePort } from '../free-port.js';
import { s3Arguments } from '../native/start-s3.js';
import { databaseAnswers } from '../postgres/database-answers.js';
import { credentials, environmentOf, type RunningService, type ServiceName } from '../service.js';
import { images, kafkaEnvironment } from './images.js';

const host = '127.0.0.1';
const startTimeoutMs = 120_000;

/** One service in a container of its own. @throws Error when the image can't be had or the service does not answer. */
export const startContainer = (name: ServiceName): Promise<RunningService> => starters[name]();

/** The broker tells clients where it is, so its port must be known before it starts: a free one is taken and bound. */
const startKafka = async (): Promise<RunningService> => {
  const port = await freePort();
  const container = await new GenericContainer(images.kafka)
    .withEnvironment(kafkaEnvironment(host, port))
    .withExposedPorts({ container: 9092, host: port })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(startTimeoutMs)
    .start();
  return running('kafka', container, environmentOf.kafka(host, port));
};

const startPostgres = async (): Promise<RunningService> => {
  const container = await new GenericContainer(images.postgres)
    .withEnvironment({
      POSTGRES_USER: credentials.user,
      POSTGRES_PASSWORD: credentials.password,
      POSTGRES_DB: credentials.database,
    })
    .withCommand(['postgres', '-c', 'max_connections=300', '-c', 'fsync=off'])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(startTimeoutMs)
    .start();
  const environment = environmentOf.postgres(host, container.getMappedPort(5432));
  // While it sets itself up the image runs a first server that is stopped again: a port that listens says little.
  const deadline = Date.now() + startTimeoutMs;
  while (!(await databaseAnswers(environment.DATABASE_URL))) {
    if (Date.now() > deadline) throw new Error(`${images.postgres} runs but does not answer.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return running('postgres', container, environment);
};

const startS3 = async (): Promise<RunningService> => {
  const container = await new GenericContainer(images.s3)
    .withEnvironment({ ROOT_ACCESS_KEY: credentials.accessKey, ROOT_SECRET_KEY: credentials.secretKey })
    .withTmpFs({ '/data/objects': 'rw', '/data/metadata': 'rw' })
    .withCommand(s3Arguments(':7070', '/data/objects', '/data/metadata'))
    .withExposedPorts(7070)
    .withWaitStrategy(Wait.forHttp('/health', 7070))
    .withStartupTimeout(startTimeoutMs)
    .start();
  return running('s3', container, environmentOf.s3(host, container.getMappedPort(7070)));
};

const starters: Record<ServiceName, () => Promise<RunningService>> = {
  kafka: startKafka,
  postgres: startPostgres,
  s3: startS3,
};

const running = (
  name: ServiceName,
  container: StartedTestContainer,
  environment: Record<string, string>,
): RunningService => ({
  name,
  how: `container ${images[name]}`,
  environment,
  stop: async () => {
    await container.stop({ timeout: 0 });
  },
});
