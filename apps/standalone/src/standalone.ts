import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { settings } from '#runtime';
import { endpointsOf, type Endpoints } from './core/endpoints.js';
import { environmentOf, urlOf } from './core/environments.js';
import { appNames, type AppName, type StandaloneOptions } from './core/options.js';
import { AppLog } from './outbound/app-log.js';
import { DataFolder } from './outbound/data-folder.js';
import { freePorts, portFault } from './outbound/ports.js';
import { EmbeddedPostgres, prepareLog } from './outbound/postgres/embedded-postgres.js';
import { SupervisedApp } from './outbound/supervised-app.js';

const READY_TIMEOUT_MS = 90_000;
const healthPath: Record<AppName, string> = {
  // Alive is not enough: it answers this when its tables are there.
  registry: '/api/v1/fleet',
  predictor: '/v2/health/live',
  trainer: '/health',
};

/** The embedded PostgreSQL and the three apps, started together and ended together. */
export class Standalone {
  private readonly folder: DataFolder;
  private readonly logs: AppLog[] = [];
  private readonly apps: SupervisedApp[] = [];
  private postgres?: EmbeddedPostgres;
  private stopping?: Promise<void>;
  private starting?: Promise<Endpoints>;
  private taken = false;

  constructor(
    private options: StandaloneOptions,
    private readonly say: (sentence: string) => void,
  ) {
    this.folder = new DataFolder(options.dataDir);
  }

  /** Resolves when every part answers. */
  start(): Promise<Endpoints> {
    this.starting = this.begin();
    this.starting.then(
      () => {
        for (const log of this.logs) log.speakUp();
      },
      () => {
        if (!this.isStopping()) for (const log of this.logs) log.sayRecent();
      },
    );
    return this.starting;
  }

  private async begin(): Promise<Endpoints> {
    await this.folder.take(this.say);
    this.taken = true;
    this.options = { ...this.options, ...(await this.chosenPorts()) };
    const databaseUrl = this.options.databaseUrl ?? (await this.startPostgres());
    if (this.isStopping()) throw new Error('Stopped while starting.');
    const environments = await this.environments(databaseUrl);
    await this.folder.writeEndpoints(endpointsOf(this.options, environments.registry, false));
    for (const app of appNames) this.apps.push(this.startApp(app, environments[app]));
    await Promise.race([Promise.all(appNames.map((app) => this.answering(app))), this.failed()]);
    const endpoints = endpointsOf(this.options, environments.registry, true);
    await this.folder.writeEndpoints(endpoints);
    return endpoints;
  }

  /** Rejects with the reason when a part can't be kept running; never resolves. */
  failed(): Promise<never> {
    const database =
      this.postgres === undefined
        ? []
        : [
            this.postgres.exited.then(() => {
              throw new Error(`PostgreSQL ended on its own; ${join(this.folder.logs, 'postgres.log')} says why.`);
            }),
          ];
    const apps = this.apps.map((app) => app.done.then(() => new Promise<never>(() => undefined)));
    return Promise.race([new Promise<never>(() => undefined), ...apps, ...database]);
  }

  /** Ends the apps first, then the database under them; leaves no process. Safe to call at any time and twice. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.stop()));
    // A start that is under way may still bring up the database: what it began is ended too.
    await this.starting?.catch(() => undefined);
    await Promise.all(this.apps.map((app) => app.stop()));
    await this.postgres?.stop();
    await Promise.all(this.logs.map((log) => log.close()));
    if (this.taken) await this.folder.release();
  }

  private async environments(databaseUrl: string): Promise<Record<AppName, Record<string, string>>> {
    const names = Object.keys(settings.shape);
    const made = (app: AppName) => environmentOf(app, this.options, databaseUrl, process.env, names);
    const key = process.env.WEBHOOK_SECRET_KEY ?? (await this.folder.webhookKey());
    const registry = { ...made('registry'), WEBHOOK_SECRET_KEY: key };
    return { registry, predictor: made('predictor'), trainer: made('trainer') };
  }

  private startApp(app: AppName, environment: Record<string, string>): SupervisedApp {
    const log = AppLog.in(this.folder.logs, app, this.say);
    this.logs.push(log);
    return new SupervisedApp({
      app,
      environment,
      say: this.say,
      onLine: (line) => {
        log.line(line);
      },
      onStarted: () => {
        setImmediate(() => void this.noteProcesses());
      },
    });
  }

  private async startPostgres(): Promise<string> {
    const logFile = join(this.folder.logs, 'postgres.log');
    await prepareLog(logFile);
    const port = this.options.postgresPort || (await freePorts('127.0.0.1', 1))[0];
    const fault = await portFault('127.0.0.1', port);
    if (fault !== undefined)
      throw new Error(`Port ${String(port)} for PostgreSQL can't be had (${fault}): give another by --postgres-port.`);
    this.postgres = await EmbeddedPostgres.start({
      folder: join(this.options.dataDir, 'postgres'),
      port,
      logFile,
      say: this.say,
    });
    return this.postgres.url;
  }

  /** Free ports are settled before anything starts, so that an app keeps its address when it is restarted. */
  private async chosenPorts(): Promise<Pick<StandaloneOptions, 'ports' | 'grpcPort'>> {
    const { host, ports, grpcPort } = this.options;
    const wanted = [
      ...appNames.map((app) => ({ whose: `the ${app}`, flag: `--${app}-port`, port: ports[app] })),
      { whose: "the predictor's gRPC", flag: '--predictor-grpc-port', port: grpcPort },
    ];
    const free = await freePorts(host, wanted.length);
    const chosen = wanted.map((one, index) => ({ ...one, port: one.port === 0 ? free[index] : one.port }));
    for (const [index, { whose, flag, port }] of chosen.entries()) {
      const twin = chosen.slice(0, index).find((other) => other.port === port);
      if (twin !== undefined)
        throw new Error(
          `${capital(twin.whose)} and ${whose} can't both have port ${String(port)}: give another by ${flag}.`,
        );
      const fault = await portFault(host, port);
      if (fault !== undefined)
        throw new Error(
          `Port ${String(port)} for ${whose} can't be had (${fault}): give another by ${flag} (0 takes a free one).`,
        );
    }
    const [registry, predictor, trainer, grpc] = chosen.map(({ port }) => port);
    return { ports: { registry, predictor, trainer }, grpcPort: grpc };
  }

  private async answering(app: AppName): Promise<void> {
    const url = `${urlOf(this.options.host, this.options.ports[app])}${healthPath[app]}`;
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (;;) {
      if (this.isStopping()) return;
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (answer?.ok === true) return;
      if (Date.now() > deadline)
        throw new Error(`The ${app} does not answer at ${url}; ${join(this.folder.logs, `${app}.log`)} says why.`);
      await sleep(100);
    }
  }

  private async noteProcesses(): Promise<void> {
    if (this.isStopping()) return;
    await this.folder.writeProcesses(this.apps.flatMap((app) => app.identity ?? [])).catch((error: unknown) => {
      this.say(`The processes could not be noted: ${String(error)}`);
    });
  }

  /** Set from outside while something here waits. */
  private isStopping(): boolean {
    return this.stopping !== undefined;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
