import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '#testing/native';
import type { Bench } from '../bench.js';
import { Connection, wireOf } from '../load/connection.js';
import type { ServerProcess } from './server-process.js';
import type { Side } from './side.js';

/** The compiled tree: this file is `<dist>/bench/src/servers/platform.js`. */
const entry = fileURLToPath(new URL('../../../apps/predictor/src/main.js', import.meta.url));
const trainerEntry = fileURLToPath(new URL('../../../apps/trainer/src/main.js', import.meta.url));

const ASK_TIMEOUT_MS = 30_000;

export interface PlatformSpec {
  /** On PostgreSQL a platform has the bus for itself; on Kafka the topics are everybody's. */
  bus: 'postgres' | 'kafka';
  store: 'folder' | 's3';
}

/** A registry, and predictors on the cores of servers, that share a bus and a store. */
export class Platform {
  private constructor(
    private readonly bench: Bench,
    readonly registry: Side,
    private readonly shared: Record<string, string>,
  ) {}

  static async start(bench: Bench, spec: PlatformSpec): Promise<Platform> {
    const shared = { ...busSettings(bench, spec.bus), ...(await storeSettings(bench, spec.store)) };
    return new Platform(bench, await bench.startOurs(shared), shared);
  }

  /** On the registry's database, with its defaults; ready when its bus and its database are. */
  async startTrainer(settings: Record<string, string> = {}): Promise<ServerProcess> {
    const port = await freePort();
    return this.bench.startServer({
      name: 'The trainer',
      command: process.execPath,
      args: [trainerEntry],
      environment: {
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        HOST: '127.0.0.1',
        TRAINER_PORT: String(port),
        TRAINER_WORK_DIR: await this.bench.folder(),
        REGISTRY_URL: this.registry.url,
        DATABASE_URL: this.registry.databaseUrl,
        ...this.shared,
        ...settings,
      },
      url: `http://127.0.0.1:${String(port)}`,
      readyPath: '/health/ready',
    });
  }

  /** Answers HTTP; whether it serves is asked by `serves`. */
  async startPredictor(settings: Record<string, string>): Promise<Predictor> {
    const [port, grpcPort, cache] = [await freePort(), await freePort(), await this.bench.folder()];
    const { profileDir } = this.bench.options;
    const server = await this.bench.startServer({
      name: 'The predictor',
      command: process.execPath,
      args: [...(profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]), entry],
      environment: {
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        HOST: '127.0.0.1',
        PREDICTOR_PORT: String(port),
        PREDICTOR_GRPC_PORT: String(grpcPort),
        PREDICTOR_CACHE_DIR: cache,
        REGISTRY_URL: this.registry.url,
        DATABASE_URL: this.registry.databaseUrl,
        ...this.shared,
        ...settings,
      },
      url: `http://127.0.0.1:${String(port)}`,
      readyPath: '/v2/health/live',
    });
    return new Predictor(server, `127.0.0.1:${String(grpcPort)}`);
  }
}

interface ModelInfo {
  version: string;
  generation: number;
}

export class Predictor {
  private readonly asking: Connection;

  constructor(
    private readonly server: ServerProcess,
    /** Of gRPC. */
    readonly address: string,
  ) {
    this.asking = new Connection(new URL(server.url));
  }

  get url(): string {
    return this.server.url;
  }
  get pid(): number {
    return this.server.pid;
  }

  /** What answers for this model; undefined when nothing does. Asked often, so by the leanest of clients. */
  async info(model: string): Promise<ModelInfo | undefined> {
    const path = `/models/${model}/info`;
    const { status, body } = await this.asking.send(
      wireOf({ method: 'GET', path }, this.asking.url),
      path,
      ASK_TIMEOUT_MS,
    );
    return status === 200 ? (JSON.parse(body.toString('utf8')) as ModelInfo) : undefined;
  }

  /** Waits until this generation, or a newer one, serves. @throws Error when it takes too long. */
  async serves(model: string, generation = 1, { everyMs = 5, timeoutMs = 60_000 } = {}): Promise<ModelInfo> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const info = await this.info(model);
      if (info !== undefined && info.generation >= generation) return info;
      if (performance.now() > deadline)
        throw new Error(`${model}: generation ${String(generation)} does not serve in ${String(timeoutMs)} ms.`);
      await sleep(everyMs);
    }
  }

  /** Waits until the model is gone. */
  async forgets(model: string): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if ((await this.info(model)) === undefined) return;
      await sleep(50);
    }
    throw new Error(`${model} was deleted and is served all the same.`);
  }

  /** The sum of a metric over the series whose labels have `text` in them. */
  async metric(name: string, text = ''): Promise<number> {
    const lines = (await (await fetch(`${this.url}/metrics`)).text()).split('\n');
    return lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => line.includes(text))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  stop(): Promise<void> {
    this.asking.close();
    return this.server.stop();
  }
}

const busSettings = ({ options }: Bench, bus: PlatformSpec['bus']): Record<string, string> => {
  if (bus === 'postgres') return {};
  const { kafka } = options.services;
  if (kafka === undefined) throw new Error('This group needs Kafka.');
  return { KAFKA_BROKERS: kafka };
};

const storeSettings = async (bench: Bench, store: PlatformSpec['store']): Promise<Record<string, string>> => {
  if (store === 'folder') return { ARTIFACTS_DIR: await bench.folder() };
  const { s3 } = bench.options.services;
  if (s3 === undefined) throw new Error('This group needs S3.');
  return {
    S3_ENDPOINT: s3.endpoint,
    S3_ACCESS_KEY: s3.accessKey,
    S3_SECRET_KEY: s3.secretKey,
    S3_BUCKET: s3.bucket,
    S3_REGION: s3.region,
    S3_PREFIX: `bench-${Date.now().toString(36)}`,
  };
};
