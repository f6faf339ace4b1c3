import type { ModelPromoted } from '#contracts';
import { messageOf, PlatformError, type Logger } from '#runtime';
import type { LastGoodCopies } from './last-good-copies.js';
import type { ServedVersion } from './serving-slot.js';
import type { SwapModel } from './swap-model.js';
import { retryDelayMs } from './swap-policy.js';
import type { VersionCatalog } from './version-catalog.js';

/** A version that is served beside the promoted one, because a setting says so. */
export interface Pin {
  model: string;
  version: number;
}

/** How far a pinned version has come. */
export interface PinState extends Pin {
  serving: boolean;
  /** A load of it has ended, well or not, or it is known that there is nothing to load. */
  tried: boolean;
  /** Why it does not serve, when that is known. */
  trouble: string | undefined;
}

interface PinnedVersion extends Pin {
  /** The promoted version's machinery serves it: retries, a new worker for a lost one. Nothing ever takes its place. */
  swap: SwapModel;
  /** Why it is not known yet what to load. */
  unknown: string | undefined;
  timer?: NodeJS.Timeout;
}

/** What a pinned version counts as; it is promoted once and for ever. */
const GENERATION = 1;

/**
 * The versions of PREDICTOR_PINNED. What to load is asked of the registry once and kept on the disk: versions never change, and a
 * restart needs nobody.
 */
export class PinnedVersions {
  private readonly pinned: PinnedVersion[];
  private closed = false;

  constructor(
    pins: readonly Pin[],
    open: (pin: Pin) => SwapModel,
    private readonly copies: LastGoodCopies,
    private readonly catalog: VersionCatalog,
    private readonly logger: Logger,
    private readonly backoffMs: number,
  ) {
    const known = new Map(pins.map((pin) => [keyOf(pin), pin]));
    this.pinned = [...known.values()].map((pin) => ({ ...pin, swap: open(pin), unknown: undefined }));
  }

  /** Begins to load all of them, and forgets those that are pinned no more. */
  async start(): Promise<void> {
    const copies = await this.copies.all().catch((error: unknown) => {
      this.logger.warn('The records of pinned versions could not be read; the registry is asked.', { error });
      return [];
    });
    for (const copy of copies) {
      const pin = this.find(copy.model, copy.version);
      if (pin === undefined) await this.copies.forget(keyOf(copy));
      else load(pin, copy);
    }
    for (const pin of this.pinned) if (pin.swap.target === undefined) void this.ask(pin, 1);
  }

  has(model: string, version: number): boolean {
    return this.find(model, version) !== undefined;
  }

  /** @throws PlatformError MODEL_NOT_READY while it is not loaded; VERSION_NOT_FOUND when it is not pinned. */
  accept(model: string, version: number): ServedVersion {
    const pin = this.find(model, version);
    const place = `Version ${String(version)} of "${model}"`;
    if (pin === undefined) throw new PlatformError('VERSION_NOT_FOUND', `${place} is not served here.`);
    const { active } = pin.swap.slot;
    if (active !== undefined) return active;
    const why = troubleOf(pin) ?? 'It is being loaded.';
    throw new PlatformError('MODEL_NOT_READY', `${place} is pinned but not served yet. ${why}`);
  }

  /** The versions of a model that are pinned here and answer. */
  versionsOf(model: string): number[] {
    const serving = this.pinned.filter((pin) => pin.model === model && pin.swap.slot.active?.lost === false);
    return serving.map(({ version }) => version);
  }

  /** All of them. One that can not be served is told when it is asked for, and holds up nothing else. */
  states(): PinState[] {
    return this.pinned.map((pin) => ({
      model: pin.model,
      version: pin.version,
      serving: pin.swap.slot.active?.lost === false,
      tried: pin.unknown !== undefined || pin.swap.hasSettled(GENERATION),
      trouble: troubleOf(pin),
    }));
  }

  /** What is in memory for them. */
  loaded(): ServedVersion[] {
    return this.pinned.flatMap(({ swap }) => swap.slot.loaded());
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { timer } of this.pinned) clearTimeout(timer);
    await Promise.all(this.pinned.map(({ swap }) => swap.close()));
  }

  private find(model: string, version: number): PinnedVersion | undefined {
    return this.pinned.find((pin) => pin.model === model && pin.version === version);
  }

  private async ask(pin: PinnedVersion, attempts: number): Promise<void> {
    const { model, version } = pin;
    try {
      const found = await this.catalog.describe(model, version);
      pin.unknown = undefined;
      if (!this.closed) load(pin, found);
    } catch (error) {
      pin.unknown = error instanceof PlatformError ? error.detail : messageOf(error);
      this.logger.warn('A pinned version can not be served yet; the registry is asked again.', {
        model,
        version,
        error,
      });
      if (this.closed) return;
      pin.timer = setTimeout(() => void this.ask(pin, attempts + 1), retryDelayMs(attempts, this.backoffMs, 0));
    }
  }
}

/** Names one pinned version; models have no "/" in their names. */
export const keyOf = ({ model, version }: Pin): string => `${model}/${String(version)}`;

const troubleOf = ({ swap: { failed }, unknown }: PinnedVersion): string | undefined =>
  unknown ?? (failed && `${failed.step} failed: ${failed.reason}`);

const load = ({ swap }: PinnedVersion, found: ModelPromoted): void => {
  swap.want({ generation: GENERATION, promoted: { ...found, generation: GENERATION } }, false);
  swap.drive();
};
