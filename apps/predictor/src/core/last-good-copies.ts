import type { ModelPromoted } from '#contracts';

/** What this replica served last, kept where a restart finds it with everything else down; the bytes are with `ModelFiles`. */
export abstract class LastGoodCopies {
  /** The promotions that served last, one per model; unreadable ones are left out (and said in the log). */
  abstract all(): Promise<ModelPromoted[]>;
  /** From now on this promotion is the last good one of its model; bytes that no model needs any more are removed. */
  abstract remember(promoted: ModelPromoted): Promise<void>;
  abstract forget(model: string): Promise<void>;
}
