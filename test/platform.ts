import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFailed } from 'vitest';
import { topics } from '#contracts';
import type { ArtifactStore } from '#artifacts';
import { artifactStoreFrom } from '#artifacts/settings';
import type { EventBus } from '#messaging';
import { eventBusFrom } from '#messaging/nest';
import { readSettings, SilentLogger, type Settings } from '#runtime';
import { uniqueName } from '#testing';
import { AppProcess, type AppExit } from '../apps/standalone/src/outbound/app-process.js';
import { freePorts } from '../apps/standalone/src/outbound/ports.js';
import { Stage, type Stack } from '../apps/standalone/src/demo/stage.js';
import { openStack, type StackName, type StackServices } from './stacks.js';

export const apps = ['registry', 'predictor', 'trainer'] as const;
export type App = (typeof apps)[number];

export interface PlatformOptions {
  /** Model names that the predictor is to serve; one new name unless told otherwise. */
  models?: string[];
  /** Laid over the environment of every app. */
  environment?: Record<string, string>;
}

const START_TIMEOUT_MS = 60_000;
const KEPT_LINES = 2_000;

/** The three apps as processes of their own on one stack, with addresses that stay over restarts. */
export class Platform {
  private readonly running = new Map<App, AppProcess>();
  private readonly lines: string[] = [];
  private bus?: EventBus;

  private constructor(
    private readonly services: StackServices,
    private readonly ports: Record<App, number>,
    readonly environment: Record<string, string>,
    /** The model of this test. */
    readonly model: string,
  ) {}

  /** Prepares the stack and starts nothing. */
  static async prepare(stack: StackName, options: PlatformOptions = {}): Promise<Platform> {
    const services = await openStack(stack);
    const [registry, predictor, trainer, grpc] = await freePorts('127.0.0.1', apps.length + 1);
    const models = options.models ?? [uniqueName('Iris')];
    return new Platform(
      services,
      { registry, predictor, trainer },
      {
        ...surroundings(),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
        REGISTRY_PORT: String(registry),
        PREDICTOR_PORT: String(predictor),
        PREDICTOR_GRPC_PORT: String(grpc),
        TRAINER_PORT: String(trainer),
        REGISTRY_URL: `http://127.0.0.1:${String(registry)}`,
        PUBLIC_URL: `http://127.0.0.1:${String(predictor)}`,
        DATABASE_URL: services.databaseUrl,
        PREDICTOR_ID: uniqueName('replica'),
        PREDICTOR_MODELS: models.join(','),
        PREDICTOR_RESTATE_MS: '1000',
        PREDICTOR_RETRY_BACKOFF_MS: '300',
        TRAINER_LEASE_MS: '3000',
        TRAINER_DATA_ALLOW_PRIVATE: 'true',
        TRAINER_RETRY_BACKOFF_MS: '200',
        POSTGRES_BUS_POLL_MS: '200',
        OUTBOX_POLL_MS: '200',
        ...services.environment,
        ...options.environment,
      },
      models[0],
    );
  }

  /** Prepares the stack and starts everything. */
  static async start(stack: StackName, options: PlatformOptions = {}): Promise<Platform> {
    const platform = await Platform.prepare(stack, options);
    try {
      await Promise.all(apps.map((app) => platform.start(app)));
    } catch (error) {
      const told = platform.log(40);
      await platform.close();
      throw new Error(`The platform did not start. ${String(error)}\n${told}`, { cause: error });
    }
    return platform;
  }

  get registryUrl(): string {
    return `http://127.0.0.1:${String(this.ports.registry)}`;
  }
  get predictorUrl(): string {
    return `http://127.0.0.1:${String(this.ports.predictor)}`;
  }
  get trainerUrl(): string {
    return `http://127.0.0.1:${String(this.ports.trainer)}`;
  }

  get settings(): Settings {
    return readSettings(this.environment);
  }

  get store(): ArtifactStore {
    return artifactStoreFrom(this.settings);
  }

  get stack(): Stack {
    return { registryUrl: this.registryUrl, predictorUrl: this.predictorUrl, store: this.store };
  }

  /** What a person does, with this test's model. */
  get stage(): Stage {
    return new Stage(this.stack, this.model);
  }

  /** The bus, for tests that speak on it themselves. */
  async eventBus(): Promise<EventBus> {
    if (this.bus === undefined) {
      this.bus = await eventBusFrom(this.settings, new SilentLogger());
      await this.bus.ensureTopics(topics());
    }
    return this.bus;
  }

  /** Starts an app (again), with its environment changed where told, and waits until it answers. */
  async start(app: App, changed: Record<string, string> = {}): Promise<void> {
    const started = new AppProcess({
      app,
      environment: { ...this.environment, ...changed },
      onLine: (line) => {
        this.lines.push(`${app}: ${line}`);
        if (this.lines.length > KEPT_LINES) this.lines.shift();
      },
    });
    this.running.set(app, started);
    const timeout = new AbortController();
    await Promise.race([
      started.listening,
      sleep(START_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => {
        throw new Error(`The ${app} does not listen.\n${this.log(40)}`);
      }),
    ]).finally(() => {
      timeout.abort();
    });
    // It listens before its tables are there.
    if (app === 'registry')
      await this.stage.until('The registry can not work', START_TIMEOUT_MS, async () => {
        const answer = await fetch(`${this.registryUrl}/api/v1/fleet`).catch(() => undefined);
        return answer?.ok === true ? true : undefined;
      });
  }

  /** Ends an app as an operator would; the exit tells whether it went quietly. */
  async stop(app: App): Promise<AppExit> {
    const exit = await this.process(app).stop(20_000);
    this.running.delete(app);
    return exit;
  }

  /** `kill -9`, or another signal that ends it. */
  async kill(app: App, signal: NodeJS.Signals = 'SIGKILL'): Promise<AppExit> {
    this.process(app).kill(signal);
    return this.died(app);
  }

  /** Waits for an app that ends on its own. */
  async died(app: App): Promise<AppExit> {
    const exit = await this.process(app).exited;
    this.running.delete(app);
    return exit;
  }

  isRunning(app: App): boolean {
    return this.running.get(app)?.running ?? false;
  }

  /** The last lines that the apps logged. */
  log(lines = 100): string {
    return this.lines.slice(-lines).join('\n');
  }

  /** Prints what the apps logged when the current test fails; call it in `beforeEach`. */
  explainFailure(): void {
    onTestFailed(() => {
      process.stderr.write(`--- the apps said last:\n${this.log(60)}\n---\n`);
    });
  }

  /** Ends everything and takes away what was made for it. */
  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map((running) => running.stop(10_000)));
    await this.bus?.close();
    await this.services.close();
  }

  private process(app: App): AppProcess {
    const found = this.running.get(app);
    if (found === undefined) throw new Error(`The ${app} does not run.`);
    return found;
  }
}

/** What a Node process needs whatever it runs; the services named for the test run itself are not passed on. */
const surroundings = (): Record<string, string> => {
  // eslint-disable-next-line no-restricted-properties -- makes environments for others, as apps/standalone does
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
};
