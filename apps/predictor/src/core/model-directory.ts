import type { ModelPromoted } from '#contracts';
import { PlatformError, type Clock, type Logger } from '#runtime';
import type { LastGoodCopies } from './last-good-copies.js';
import type { ReadinessSnapshot } from './readiness.js';
import type { ServedVersion } from './serving-slot.js';
import type { SwapModel } from './swap-model.js';

export interface DirectoryOptions {
  /** What is meant when no model is named; unset: the one that was promoted first. */
  defaultModel: string | undefined;
  /** Models to serve; unset: all. */
  only: readonly string[] | undefined;
}

interface Entry {
  swap: SwapModel;
  /** The newest generation that came over the bus; 0 for what is known from the disk alone. */
  heard: number;
  /** The generation that has to be tried before this replica is ready. */
  required: number;
}

/** All models this replica knows of: what is wanted of each, and which version answers a request. */
export class ModelDirectory {
  private readonly entries = new Map<string, Entry>();
  private isCaughtUp = false;

  constructor(
    private readonly open: (name: string) => SwapModel,
    private readonly copies: LastGoodCopies,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: DirectoryOptions,
  ) {}

  get caughtUp(): boolean {
    return this.isCaughtUp;
  }

  /** Begins with the last-good copies; they need neither bus nor store. */
  async restore(): Promise<void> {
    for (const promoted of await this.copies.all()) {
      if (!this.isMine(promoted.model)) await this.copies.forget(promoted.model);
      else if (!this.entries.has(promoted.model)) this.entry(promoted.model).swap.restore(promoted);
    }
  }

  /** Hears that a version is the one to serve. Returns at once; what is not newer is dropped. */
  promote(promoted: ModelPromoted): void {
    this.hear(promoted.model, promoted.generation, promoted);
  }

  /** Hears that a model is gone. A retirement without a generation is believed, whatever is known. */
  retire(model: string, generation: number | undefined): void {
    const known = this.entries.get(model)?.swap.target?.generation ?? 0;
    this.hear(model, generation ?? known + 1, null);
  }

  /**
   * What lay on the bus has been read: now the newest of it is worked on, once per model. A copy that the bus knows
   * nothing of was retired so long ago that compaction removed even the tombstone.
   */
  catchUp(): void {
    this.isCaughtUp = true;
    for (const [model, entry] of this.entries) {
      const target = entry.swap.target;
      entry.required = target?.generation ?? 0;
      if (entry.heard === 0) {
        this.logger.warn('The bus knows nothing of this model any more: its last-good copy is retired.', { model });
        entry.swap.wantGone();
        entry.swap.drive();
        continue;
      }
      if (target !== undefined && entry.heard < target.generation)
        this.logger.warn(
          'The last-good copy is newer than all that lies on the bus and is kept. If the history was begun anew, empty PREDICTOR_CACHE_DIR.',
          { model, copy: target.generation, bus: entry.heard },
        );
      entry.swap.drive();
    }
  }

  /**
   * The version that answers a request arriving now; without a name, that of the default model.
   * @throws PlatformError NO_MODEL_PROMOTED, MODEL_NOT_FOUND, MODEL_RETIRED, MODEL_NOT_READY, VERSION_NOT_FOUND, WORKER_LOST
   */
  accept(name?: string, version?: number): ServedVersion {
    const swap = this.find(name);
    const served = swap.slot.find(version, this.clock.now());
    if (swap.target?.promoted === null && served === undefined)
      throw new PlatformError('MODEL_RETIRED', `The model "${swap.name}" was retired.`);
    if (swap.slot.active === undefined) throw notReady(swap);
    if (served === undefined)
      throw new PlatformError(
        'VERSION_NOT_FOUND',
        `Version ${String(version)} of "${swap.name}" is not served here; ${String(swap.slot.active.promoted.version)} is.`,
      );
    if (served.lost)
      throw new PlatformError(
        'WORKER_LOST',
        `The worker of "${swap.name}" ended and is being replaced; send the request again.`,
      );
    return served;
  }

  /** The versions of a model that may be asked for by number, the promoted one first. */
  versionsOf(name: string): number[] {
    return this.find(name).slot.versions(this.clock.now());
  }

  /** The model of this name, served or not; without a name, the default one. */
  find(name?: string): SwapModel {
    const wanted = name ?? this.options.defaultModel ?? this.earliest();
    const known = wanted === undefined ? undefined : this.entries.get(wanted)?.swap;
    if (known !== undefined) return known;
    if (!this.isCaughtUp)
      throw new PlatformError(
        'NO_MODEL_PROMOTED',
        `No promotion of ${wanted === undefined ? 'a model' : `"${wanted}"`} has been heard of yet; this replica is still reading the bus.`,
      );
    if (wanted === undefined || this.entries.size === 0)
      throw new PlatformError('NO_MODEL_PROMOTED', 'No model has been promoted yet; promote a version and ask again.');
    if (name === undefined)
      throw new PlatformError('NO_MODEL_PROMOTED', `The default model "${wanted}" has not been promoted yet.`);
    throw new PlatformError('MODEL_NOT_FOUND', `No model "${name}" is promoted.`);
  }

  /** Every model that is meant to be served, by name. */
  models(): SwapModel[] {
    return this.all()
      .filter(({ target }) => target?.promoted)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  readiness(): ReadinessSnapshot['models'] {
    return this.models().map((swap) => ({
      name: swap.name,
      serving: swap.slot.active !== undefined && !swap.slot.active.lost,
      settled: swap.hasSettled(this.entries.get(swap.name)?.required ?? 0),
      later: this.isCaughtUp && (this.entries.get(swap.name)?.required ?? 0) === 0,
    }));
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map((swap) => swap.close()));
  }

  private all(): SwapModel[] {
    return [...this.entries.values()].map(({ swap }) => swap);
  }

  private hear(model: string, generation: number, promoted: ModelPromoted | null): void {
    if (!this.isMine(model)) return;
    const entry = this.entry(model);
    entry.heard = Math.max(entry.heard, generation);
    const isNewer = entry.swap.want({ generation, promoted }, this.isCaughtUp);
    if (!isNewer) this.logger.debug('A promotion that is not newer is dropped.', { model, generation });
    // While the history is being read only its end counts; `catchUp` acts on it.
    else if (this.isCaughtUp) entry.swap.drive();
  }

  private entry(model: string): Entry {
    const known = this.entries.get(model) ?? { swap: this.open(model), heard: 0, required: 0 };
    this.entries.set(model, known);
    return known;
  }

  private isMine(model: string): boolean {
    return this.options.only?.includes(model) ?? true;
  }

  /** The model promoted first of those that are wanted; when all were retired, one of these, so that its end can be told. */
  private earliest(): string | undefined {
    const [first] = this.models()
      .map(({ name, target }) => ({ name, at: target?.promoted?.firstPromotedAt ?? '' }))
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.name < b.name ? -1 : 1));
    return (first as { name: string } | undefined)?.name ?? this.entries.keys().next().value;
  }
}

const notReady = (swap: SwapModel): PlatformError => {
  const why = swap.failed === undefined ? 'It is being loaded.' : `${swap.failed.step} failed: ${swap.failed.reason}`;
  return new PlatformError('MODEL_NOT_READY', `The model "${swap.name}" is promoted but not served yet. ${why}`);
};
