import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, SilentLogger, type Logger } from '#runtime';
import type { WorkFolder } from '../../core/recipe-runner.js';
import { removeFolder } from './remove-folder.js';
import { Family } from './sandbox/family.js';
import { factsOf } from './sandbox/processes.js';

const PREFIX = 'baton-';
const OWNER = 'owner.json';
/** Another machine's folder on a shared disk is left alone while its trainer says once an hour that it lives. */
const SAY_EVERY_MS = 3_600_000;
const SILENT_FOR_MS = 4 * SAY_EVERY_MS;

const owner = z.object({ host: z.string(), boot: z.string(), pid: z.int(), born: z.number(), mark: z.uuid() });
type Owner = z.infer<typeof owner>;

/** Makes a fresh folder for each attempt, and takes away what trainers that were killed left behind. */
export class WorkFolders {
  private readonly parent: string;

  constructor(
    directory: string | undefined,
    private readonly logger: Logger = new SilentLogger(),
  ) {
    this.parent = directory ?? tmpdir();
  }

  async make(name: string): Promise<WorkFolder> {
    await mkdir(this.parent, { recursive: true });
    const path = await mkdtemp(join(this.parent, `${PREFIX}${name}-`));
    const mark = randomUUID();
    await writeFile(join(path, OWNER), JSON.stringify({ ...self(), mark } satisfies Owner));
    for (const below of ['input', 'tmp', join('output', 'model')]) await mkdir(join(path, below), { recursive: true });
    const logPath = join(path, 'train.log');
    await writeFile(logPath, '');
    const alive = setInterval(() => {
      const now = new Date();
      utimes(join(path, OWNER), now, now).catch(() => undefined);
    }, SAY_EVERY_MS).unref();
    const remove = (): Promise<void> => {
      clearInterval(alive);
      return this.remove(path);
    };
    return { path, logPath, mark, remove };
  }

  /** Ends processes whose trainer is gone and removes their folders; resolves to how many. Those of living trainers stay. */
  async sweep(): Promise<number> {
    const names = await readdir(this.parent).catch(() => []);
    let swept = 0;
    for (const name of names.filter((each) => each.startsWith(PREFIX))) {
      const path = join(this.parent, name);
      const left = await leftBehind(path);
      if (left === undefined) continue;
      await new Family(left.mark).end();
      await this.remove(path);
      swept += 1;
    }
    return swept;
  }

  /** One that can't be removed costs neither the outcome of its training nor the start of a trainer: the next sweep finds it. */
  private async remove(path: string): Promise<void> {
    try {
      await removeFolder(path);
    } catch (error) {
      this.logger.warn(`A work folder could not be removed: ${messageOf(error)}`, { path });
    }
  }
}

/** The owner of a folder that nobody works in any more. */
const leftBehind = async (path: string): Promise<Owner | undefined> => {
  try {
    const file = join(path, OWNER);
    const found = owner.parse(JSON.parse(await readFile(file, 'utf8')));
    const { host, boot } = self();
    if (found.host !== host) return Date.now() - (await stat(file)).mtimeMs > SILENT_FOR_MS ? found : undefined;
    return found.boot === boot && stillLives(found) ? undefined : found;
  } catch {
    return undefined;
  }
};

/** Where nothing tells when a process began, its number has to do. */
const stillLives = ({ pid, born }: Owner): boolean => {
  if (self().born !== 0) return factsOf(pid)?.born === born;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** This process, so that nobody takes another one with its number for it. */
const self = (): Omit<Owner, 'mark'> => ({
  host: hostname(),
  boot: bootId(),
  pid: process.pid,
  born: factsOf(process.pid)?.born ?? 0,
});

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
};
