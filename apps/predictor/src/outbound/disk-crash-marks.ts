import { rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelPromoted } from '#contracts';
import { messageOf, type Clock, type Logger } from '#runtime';
import { CrashMarks, type CrashMark } from '../core/crash-marks.js';
import { makeFolder } from './make-folder.js';

const written = z.object({
  promotions: z.record(z.string(), z.int()),
  crashes: z.int(),
  alone: z.boolean(),
  foundAtMs: z.number(),
  /** True from the begin of the load to its end: whoever finds it so was not there for the end. */
  loading: z.boolean(),
});
type Written = z.infer<typeof written>;

const unmarked: Written = { promotions: {}, crashes: 0, alone: false, foundAtMs: 0, loading: false };

/**
 * `loading/<sha-256>` is written before a load and removed after it. Without fsync: what the process wrote survives its own end, and
 * a power cut is not the model's fault. A disk that can't be written only costs the mark.
 */
export class DiskCrashMarks extends CrashMarks {
  private readonly folder: string;
  private known: Promise<Map<string, Written>> | undefined;
  /** How many loads of the same bytes are under way: models may share them. */
  private readonly loads = new Map<string, { count: number; mark: Written }>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    folder: string,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    super();
    this.folder = join(folder, 'loading');
  }

  async of(sha256: string): Promise<CrashMark | undefined> {
    return (await this.marks()).get(sha256);
  }

  begin({ model, generation, artifact: { sha256 } }: ModelPromoted): Promise<void> {
    return this.inTurn(async (marks) => {
      const before = this.loads.get(sha256) ?? { count: 0, mark: marks.get(sha256) ?? unmarked };
      const mark = { ...before.mark, promotions: { ...before.mark.promotions, [model]: generation }, loading: true };
      if (this.loads.size === 0) process.on('exit', this.onExit);
      this.loads.set(sha256, { count: before.count + 1, mark });
      await this.write(sha256, mark);
    });
  }

  /** Marks of older promotions of the model go too: a later promotion of those bytes would be tried anyway. */
  end({ model, generation, artifact: { sha256 } }: ModelPromoted): Promise<void> {
    return this.inTurn(async (marks) => {
      await this.endOne(marks, sha256);
      for (const [digest, mark] of [...marks]) {
        const { [model]: older = generation, ...others } = mark.promotions;
        if (older >= generation || this.loads.has(digest)) continue;
        if (Object.keys(others).length === 0) await this.remove(marks, digest);
        else await this.keep(marks, digest, { ...mark, promotions: others });
      }
    });
  }

  private async endOne(marks: Map<string, Written>, sha256: string): Promise<void> {
    const load = this.loads.get(sha256);
    if (load !== undefined && load.count > 1) {
      load.count -= 1;
      return;
    }
    this.loads.delete(sha256);
    if (this.loads.size === 0) process.off('exit', this.onExit);
    await this.remove(marks, sha256);
  }

  /** A process that ends by its own will does not end by a model; a fault in native code leaves no time to say so. */
  private readonly onExit = (): void => {
    for (const [sha256, { mark }] of this.loads) {
      const path = join(this.folder, sha256);
      try {
        if (mark.crashes === 0) rmSync(path, { force: true });
        else writeFileSync(path, JSON.stringify({ ...mark, loading: false }));
      } catch (error) {
        this.logger.warn(`The mark of a load that was broken off stays: ${messageOf(error)}`, { sha256, error });
      }
    }
  };

  /** One after the other: the end of a load must not remove what the next one of the same bytes writes. */
  private inTurn(work: (marks: Map<string, Written>) => Promise<void>): Promise<void> {
    const done = this.last.then(async () => {
      await work(await this.marks());
    });
    this.last = done.catch(() => undefined);
    return done;
  }

  private marks(): Promise<Map<string, Written>> {
    this.known ??= this.restore();
    return this.known;
  }

  /** Counts a crash for each load that never ended. */
  private async restore(): Promise<Map<string, Written>> {
    const marks = new Map<string, Written>();
    for (const sha256 of await readdir(this.folder).catch(() => [])) {
      const mark = await this.read(sha256);
      if (mark !== undefined) marks.set(sha256, mark);
    }
    const found = [...marks].filter(([, { loading }]) => loading);
    const how = { loading: false, alone: found.length === 1, foundAtMs: this.clock.now() };
    for (const [sha256, mark] of found) {
      const counted = { ...mark, ...how, crashes: mark.crashes + 1 };
      await this.keep(marks, sha256, counted);
      this.logger.error('The process before this one ended while it loaded a version.', { sha256, ...counted });
    }
    return marks;
  }

  private async read(sha256: string): Promise<Written | undefined> {
    try {
      return written.parse(JSON.parse(await readFile(join(this.folder, sha256), 'utf8')));
    } catch (error) {
      this.logger.warn('The mark of a load can not be read and is passed over.', { sha256, error });
      return undefined;
    }
  }

  private async keep(marks: Map<string, Written>, sha256: string, mark: Written): Promise<void> {
    marks.set(sha256, mark);
    await this.write(sha256, mark);
  }

  private async remove(marks: Map<string, Written>, sha256: string): Promise<void> {
    marks.delete(sha256);
    await rm(join(this.folder, sha256), { force: true }).catch((error: unknown) => {
      this.logger.error(
        'The mark of a load could not be removed: the next start may refuse this version for a while.',
        {
          sha256,
          error,
        },
      );
    });
  }

  private async write(sha256: string, mark: Written): Promise<void> {
    try {
      await makeFolder(this.folder);
      await writeFile(join(this.folder, sha256), JSON.stringify(mark));
    } catch (error) {
      this.logger.warn('A load could not be marked: should it end the process, the next start tries it again.', {
        sha256,
        error,
      });
    }
  }
}
