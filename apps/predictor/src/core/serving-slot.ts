import type { ModelPromoted } from '#contracts';
import { compileRecords, type RecordEncoder } from './encode-records.js';
import type { LoadedModel } from './model-host.js';

/** A loaded version and the number of requests that use it. It is closed when it was replaced and the last of them is answered. */
export class ServedVersion {
  lost = false;
  private users = 0;
  private retiredAtMs: number | undefined;
  private drained: (() => void) | undefined;
  private records: RecordEncoder | undefined;

  constructor(
    private promotion: ModelPromoted,
    readonly model: LoadedModel,
  ) {}

  /** The promotion under which it serves; a later one of the same bytes may take its place. */
  get promoted(): ModelPromoted {
    return this.promotion;
  }

  /** Compiled once per version, at the first request that needs it. */
  get encodeRecords(): RecordEncoder {
    this.records ??= compileRecords(this.promotion.signature);
    return this.records;
  }

  adopt(promoted: ModelPromoted): void {
    this.promotion = promoted;
  }

  /** Runs `work` on this version and no other; it stays loaded until `work` is done. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work();
    } finally {
      this.users -= 1;
      if (this.users === 0) this.drained?.();
    }
  }

  /** True for a version that was replaced within the last `forMs`: requests that name it are still taken. */
  retiring(nowMs: number, forMs: number): boolean {
    return this.retiredAtMs !== undefined && nowMs - this.retiredAtMs < forMs;
  }

  /** Waits for the running requests, then closes the model gracefully. */
  async retire(nowMs: number): Promise<void> {
    this.retiredAtMs = nowMs;
    this.model.drain();
    if (this.users > 0) await new Promise<void>((resolve) => (this.drained = resolve));
    await this.model.close();
  }
}

/** A client that pins itself to a replaced version must not keep it in memory for ever. */
const PINNED_FOR_MS = 5_000;

/** Where one model is served from: one reference that is swapped, and those versions that still drain. */
export class ServingSlot {
  private current: ServedVersion | undefined;
  private readonly draining = new Set<ServedVersion>();

  get active(): ServedVersion | undefined {
    return this.current;
  }

  /** Requests accepted from here on run on `next`; those accepted before stay where they are. Settles when the old one is closed. */
  async swap(next: ServedVersion | undefined, nowMs: number): Promise<void> {
    const old = this.current;
    this.current = next;
    if (old === undefined) return;
    this.draining.add(old);
    try {
      await old.retire(nowMs);
    } finally {
      this.draining.delete(old);
    }
  }

  /** All that is in memory: what serves, and what still drains. */
  loaded(): ServedVersion[] {
    return this.current === undefined ? [...this.draining] : [this.current, ...this.draining];
  }

  /** The versions that answer when they are asked for by number, the active one first. */
  versions(nowMs: number): number[] {
    const old = [...this.draining].filter((one) => one.retiring(nowMs, PINNED_FOR_MS));
    return [...new Set([this.current, ...old].flatMap((one) => (one === undefined ? [] : [one.promoted.version])))];
  }

  /** The active version, or one that is asked for by number and has not drained yet. */
  find(version: number | undefined, nowMs: number): ServedVersion | undefined {
    if (version === undefined || this.current?.promoted.version === version) return this.current;
    return [...this.draining].find((old) => old.promoted.version === version && old.retiring(nowMs, PINNED_FOR_MS));
  }
}
