import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchEnvironment } from './environment.js';
import { Generator } from './load/generator.js';
import { startRegistry } from './servers/baton-registry.js';
import { createDatabase, type BenchDatabase } from './servers/databases.js';
import { startMlflow } from './servers/mlflow-server.js';
import type { ServerProcess } from './servers/server-process.js';
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
  /** Only figures whose name has this in it. */
  figure?: string;
  /** Only our side: no ratio, for tuning. */
  alone: boolean;
  profileDir?: string;
}

const noPython = 'Name a Python that has mlflow and psycopg2 by --python or BENCH_PYTHON, or measure --alone.';

/** What every group is given: a load generator, both servers on request, and an end to all of it. */
export class Bench {
  readonly generator = new Generator();
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

  /** Runs `measure` with both servers up, each on an empty database of its own; they are ended after it. */
  async withPair<T>(measure: (pair: Pair) => Promise<T>): Promise<T> {
    if (!this.options.alone && this.options.python === undefined) throw new Error(noPython);
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
    this.endLater(server);
    return new Side('baton', server, database.url);
  }

  private async startTheirs(): Promise<Side> {
    const { python } = this.options;
    if (python === undefined) throw new Error(noPython);
    const [database, folder] = [await this.database('mlflow'), await this.folder()];
    const server = await startMlflow({
      python,
      databaseUrl: database.url,
      surroundings: this.options.environment.surroundings,
      folder,
    });
    this.endLater(server);
    return new Side('mlflow', server, database.url);
  }

  private async database(purpose: string): Promise<BenchDatabase> {
    const database = await createDatabase(this.options.services.postgres, purpose);
    this.ends.push(() => database.drop());
    return database;
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'baton-bench-'));
    this.ends.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  endLater(server: ServerProcess): void {
    this.ends.push(() => server.stop());
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
