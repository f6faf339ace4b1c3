import type { ModelPromoted } from '#contracts';

/** What this replica served last, kept where a restart finds it with everything else down. */
export abstract class LastGoodCopies {
  /** The promotions that served last, one per model; unreadable ones are left out (and said in the log). */
  abstract all(): Promise<ModelPromoted[]>;
  /** The bytes of this digest; undefined when there are none or they are not what the digest says. */
  abstract bytes(sha256: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes whose digest was checked, at least until the next version of the model is kept. */
  abstract keep(promoted: ModelPromoted, bytes: Uint8Array): Promise<void>;
  /** From now on this promotion is the last good one of its model; bytes that no model needs any more are removed. */
  abstract remember(promoted: ModelPromoted): Promise<void>;
  abstract forget(model: string): Promise<void>;
}
