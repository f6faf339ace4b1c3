import type { Logger } from '#runtime';

/**
 * What goes on beside the serving: a fault is logged, no request waits for it. The end of the process does, because ending inside
 * a load aborts everything.
 */
export class WorkBeside {
  private readonly works = new Set<Promise<void>>();

  constructor(
    private readonly model: string,
    private readonly logger: Logger,
  ) {}

  add(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.logger.warn('Work beside the serving failed.', { model: this.model, error });
      })
      .finally(() => this.works.delete(done));
    this.works.add(done);
  }

  /** Settles when nothing goes on any more, what was begun meanwhile included. */
  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.all(this.works);
  }
}
