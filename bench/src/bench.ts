import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflowServer } from '#testing/python';
import type { BenchEnvironment } from './environment.js';
import type { Figure } from './figure.js';
import { Generator } from './load/generator.js';
import { startRegistry } from './servers/baton-registry.js';
import { createDatabase, type BenchDatabase } from './servers/databases.js';
import { ServerProcess, type ServerSpec } from './servers/server-process.js';
import type { Cores } from './servers/pinned.js';
import { Side, type Pair } from './servers/side.js';
import type { BenchServices } from './services.js';

export interface BenchOptions {
  /** The PostgreSQL server of both sides, and more. */
  services: BenchServices;
  environment: BenchEnvironment;
  /** A Python with `mlflow`; groups that compare with MLflow need it. */
  python?: string;
  rounds: number;
  seconds: number;
  points: number;
  /** Those of the serving groups. */
  cores: Cores;
  promotions: number;
  swaps: number;
  /** Only figures whose name has this in it. */
  figure?: string;
  /** Only our side, held against itself: for tuning. */
  alone: boolean;
  profileDir?: string;
}

/** What every group is given: a load generator, both servers on request, and an end to all of it. */
export class Bench {
  readonly generator = new Generator();
  /** What could not be measured, and why; the rest goes on. */
  readonly faults: string[] = [];
  private readonly ends: (() => Promise<unknown>)[] = [];

  constructor(readonly options: BenchOptions) {}

  get rounds(): number {
    return this.options.rounds;
  }
  get seconds(): number {
    return this.options.seconds;
  }
  get points(): number {
    return this.options.points;
  }

  only<T extends { name: string }>(named: readonly T[]): T[] {
    return named.filter(({ name }) => name.includes(this.options.figure ?? ''));
  }

  async attempt(name: string, measure: () => Promise<Figure>): Promise<Figure[]> {
    try {
      return [await measure()];
    } catch (error) {
      this.note(name, error);
      return [];
    }
  }

  note(name: string, error: unknown): void {
    this.faults.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  /** Runs `measure` with both servers up, each on an empty database of its own; they are ended after it. */
  async withPair<T>(measure: (pair: Pair) => Promise<T>): Promise<T> {
    const ours = await this.startOurs();
    const theirs = this.options.alone ? ours : await this.startTheirs();
    return measure({ ours, theirs });
  }

  async startOurs(settings: Record<string, string> = {}): Promise<Side> {
    const [database, folder] = [await this.database('baton'), await this.folder()];
    const server = await startRegistry({
      databaseUrl: database.url,
      surroundings: this.options.environment.surroundings,
      artifactsDir: folder,
      settings,
      profileDir: this.options.profileDir,
    });
    this.ends.push(() => server.stop());
    return new Side('baton', server.url, database.url, server.pid);
  }

  private async startTheirs(): Promise<Side> {
    const { python } = this.options;
    if (python === undefined) throw new Error('There is no Python to run MLflow by.');
    const database = await this.database('mlflow');
    // Its own default of workers, as its users run it.
    const server = await startMlflowServer({ python, databaseUrl: database.url });
    this.ends.push(() => server.stop());
    return new Side('mlflow', server.url, database.url);
  }

  private async database(purpose: string): Promise<BenchDatabase> {
    const database = await createDatabase(this.options.services.postgres, purpose);
    this.ends.push(() => database.drop());
    return database;
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'baton-bench-'));
    this.atEnd(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Done when the group ends; what was begun last is ended first. */
  atEnd(end: () => Promise<unknown>): void {
    this.ends.push(end);
  }

  /** A server on the cores of servers, until the group ends or it is stopped. */
  async startServer(spec: Omit<ServerSpec, 'cores' | 'cwd'> & { cwd?: string }): Promise<ServerProcess> {
    const server = await ServerProcess.start({
      ...spec,
      environment: { ...this.options.environment.surroundings, ...spec.environment },
      cwd: spec.cwd ?? (await this.folder()),
      cores: this.options.cores.servers,
    });
    this.atEnd(() => server.stop());
    return server;
  }

  /** Ends the servers of the group and takes away what was made for them. */
  async endGroup(): Promise<void> {
    // Last made, first ended: a server goes before its database and its folder.
    for (const end of this.ends.splice(0).toReversed()) await end();
  }

  async close(): Promise<void> {
    await this.endGroup();
    this.generator.close();
  }
}
