import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoints } from '../core/endpoints.js';
import { end, endedWithin, identityOf, lives, type ProcessIdentity } from './process-identity.js';

/** Time that apps of a killed start get to end on their own: they notice within milliseconds that their parent is gone. */
const LEFTOVER_GRACE_MS = 8_000;

/** The folder that one standalone owns while it runs: who runs here, and where it listens. */
export class DataFolder {
  constructor(
    readonly path: string,
    private readonly leftoverGraceMs = LEFTOVER_GRACE_MS,
  ) {}

  get logs(): string {
    return join(this.path, 'logs');
  }

  /**
   * Takes the folder for this process, after what a killed start left running has ended.
   * @throws Error when another standalone runs on it.
   */
  async take(say: (sentence: string) => void): Promise<void> {
    await mkdir(this.logs, { recursive: true });
    await mkdir(join(this.path, 'datasets'), { recursive: true });
    for (;;) {
      try {
        await writeFile(this.lockFile, JSON.stringify(identityOf(process.pid)), { flag: 'wx' });
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = await read<ProcessIdentity>(this.lockFile);
        if (owner !== undefined && lives(owner))
          throw new Error(
            `Another Baton (process ${String(owner.pid)}) runs on ${this.path}: stop it, or give another folder by --data-dir.`,
          );
        await rm(this.lockFile, { force: true });
      }
    }
    await this.endLeftovers(say);
    await rm(this.endpointsFile, { force: true });
  }

  async release(): Promise<void> {
    await rm(this.endpointsFile, { force: true });
    await rm(this.processesFile, { force: true });
    await rm(this.lockFile, { force: true });
  }

  /** The key that seals the secrets of webhooks: made once, for this folder's owner alone to read. */
  async webhookKey(): Promise<string> {
    const file = join(this.path, 'webhook-secret.key');
    try {
      await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return (await readFile(file, 'utf8')).trim();
  }

  /** Written under another name and renamed, so that nobody reads half of it. */
  async writeEndpoints(endpoints: Endpoints): Promise<void> {
    await replace(this.endpointsFile, endpoints);
  }

  /** What runs on behalf of this folder, for a next start that finds it still running. */
  async writeProcesses(processes: ProcessIdentity[]): Promise<void> {
    await replace(this.processesFile, processes);
  }

  private async endLeftovers(say: (sentence: string) => void): Promise<void> {
    const known = (await read<ProcessIdentity[]>(this.processesFile)) ?? [];
    await Promise.all(
      known.filter(lives).map(async (leftover) => {
        if (await endedWithin(leftover, this.leftoverGraceMs)) return;
        say(`Process ${String(leftover.pid)} of an earlier start still runs: ending it.`);
        await end(leftover, 'SIGTERM', 2_000);
      }),
    );
    await rm(this.processesFile, { force: true });
  }

  private get endpointsFile(): string {
    return join(this.path, 'endpoints.json');
  }
  private get processesFile(): string {
    return join(this.path, 'processes.json');
  }
  private get lockFile(): string {
    return join(this.path, 'standalone.lock');
  }
}

const replace = async (file: string, value: unknown): Promise<void> => {
  const staging = `${file}.${randomUUID()}`;
  await writeFile(staging, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(staging, file);
};

const read = async <T>(file: string): Promise<T | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
};
