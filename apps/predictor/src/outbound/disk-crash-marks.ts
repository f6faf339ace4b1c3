import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelPromoted } from '#contracts';
import type { Logger } from '#runtime';
import { CrashMarks, type CrashMark } from '../core/crash-marks.js';

const written = z.object({
  model: z.string(),
  version: z.int(),
  generation: z.int(),
  crashes: z.int(),
  /** True from the begin of the load to its end: whoever finds it so was not there for the end. */
  loading: z.boolean(),
});
type Written = z.infer<typeof written>;

/**
 * `loading/<sha-256>` is written before a load and removed after it. Without fsync: what the process wrote survives its own end, and
 * a power cut is not the model's fault. A disk that can't be written only costs the mark.
 */
export class DiskCrashMarks extends CrashMarks {
  private readonly folder: string;
  private known: Promise<Map<string, Written>> | undefined;

  constructor(
    folder: string,
    private readonly logger: Logger,
  ) {
    super();
    this.folder = join(folder, 'loading');
  }

  async of(sha256: string): Promise<CrashMark | undefined> {
    return (await this.marks()).get(sha256);
  }

  async begin({ model, version, generation, artifact: { sha256 } }: ModelPromoted): Promise<void> {
    const { crashes = 0 } = (await this.of(sha256)) ?? {};
    await this.write(sha256, { model, version, generation, crashes, loading: true });
  }

  /** Marks of older promotions of the model go too: a later promotion of those bytes would be tried anyway. */
  async end({ model, generation, artifact: { sha256 } }: ModelPromoted): Promise<void> {
    const marks = await this.marks();
    const over = [...marks].filter(([, mark]) => mark.model === model && mark.generation < generation && !mark.loading);
    for (const old of new Set([sha256, ...over.map(([digest]) => digest)])) {
      marks.delete(old);
      await rm(join(this.folder, old), { force: true }).catch((error: unknown) => {
        this.logger.error('The mark of a load could not be removed: the next start may refuse this version.', {
          sha256: old,
          error,
        });
      });
    }
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
      if (mark === undefined) continue;
      marks.set(sha256, mark);
      if (!mark.loading) continue;
      const counted = { ...mark, crashes: mark.crashes + 1, loading: false };
      marks.set(sha256, counted);
      await this.write(sha256, counted);
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

  private async write(sha256: string, mark: Written): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(join(this.folder, sha256), JSON.stringify(mark));
    } catch (error) {
      this.logger.warn('A load could not be marked: should it end the process, the next start tries it again.', {
        sha256,
        error,
      });
    }
  }
}
