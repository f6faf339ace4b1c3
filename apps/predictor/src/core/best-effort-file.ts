import { messageOf, type Logger } from '#runtime';
import type { PartialFile } from './model-files.js';

/** A copy that is kept when the disk allows it. A full or read-only disk is said, once, and keeps no model from being served. */
export class BestEffortFile {
  private constructor(
    private file: PartialFile | undefined,
    private readonly sha256: string,
    private readonly logger: Logger,
  ) {}

  static async open(resume: () => Promise<PartialFile>, sha256: string, logger: Logger): Promise<BestEffortFile> {
    const made = new BestEffortFile(undefined, sha256, logger);
    try {
      made.file = await resume();
    } catch (error) {
      made.tell(error);
    }
    return made;
  }

  arrived(target: Uint8Array): Promise<number> {
    return this.tried((file) => file.arrived(target), 0);
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.tried((file) => file.append(bytes), undefined);
  }

  restart(): Promise<void> {
    return this.tried((file) => file.restart(), undefined);
  }

  complete(): Promise<void> {
    return this.tried((file) => file.complete(), undefined);
  }

  cut(): Promise<void> {
    return this.tried((file) => file.cut(), undefined);
  }

  private async tried<T>(work: (file: PartialFile) => Promise<T>, otherwise: T): Promise<T> {
    const { file } = this;
    if (file === undefined) return otherwise;
    try {
      return await work(file);
    } catch (error) {
      this.file = undefined;
      this.tell(error);
      await file.cut().catch((late: unknown) => {
        this.logger.debug(`A copy did not close: ${messageOf(late)}`, { sha256: this.sha256 });
      });
      return otherwise;
    }
  }

  private tell(error: unknown): void {
    this.logger.warn('No copy of a model could be kept; a restart needs the store.', { sha256: this.sha256, error });
  }
}
