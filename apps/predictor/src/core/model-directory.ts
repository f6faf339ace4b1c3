import type { ModelPromoted } from '#contracts';
import { PlatformError, type Clock, type Logger } from '#runtime';
import type { LastGoodCopies } from './last-good-copies.js';
import type { Selects } from './model-selection.js';
import { notReady, notServedHere } from './not-served.js';
import type { PinnedVersions, PinState } from './pinned-versions.js';
import type { ReadinessSnapshot } from './readiness.js';
import type { ServedVersion } from './serving-slot.js';
import type { SwapModel } from './swap-model.js';

export interface DirectoryOptions {
  /** What is meant when no model is named; unset: the one that was promoted first. */
  defaultModel: string | undefined;
  /** Whether this replica serves a model of this name and these tags. */
  selects: Selects;
}

interface Entry {
  swap: SwapModel;
  /** The newest generation that came over the bus; 0 for what is known from the disk alone. */
  heard: number;
  /** The generation that has to be tried before this replica is ready. */
  required: number;
  /** It was served and lost the tags for that: here it is as unknown as one that never had them. */
  passedOver: boolean;
}

/** All models this replica knows of: what is wanted of each, and which version answers a request. */
export class ModelDirectory {
  private readonly entries = new Map<string, Entry>();
  /** The newest generation of models whose tags are not those that this replica serves. */
  private readonly passedOver = new Map<string, number>();
  private isCaughtUp = false;
  /** Which model is meant when none is named: every such request asks, so it is found once per change. */
  private first: string | undefined;

  constructor(
    private readonly open: (name: string) => SwapModel,
    private readonly copies: LastGoodCopies,
    private readonly pins: PinnedVersions,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: DirectoryOptions,
  ) {}

  get caughtUp(): boolean {
    return this.isCaughtUp;
  }

  /** Begins with the last-good copies; they need neither bus nor store. */
  async restore(): Promise<void> {
    await this.pins.start();
    for (const promoted of await this.copies.all()) {
      if (!this.options.selects(promoted.model, promoted.tags ?? {})) await this.copies.forget(promoted.model);
      else if (!this.entries.has(promoted.model)) this.entry(promoted.model).swap.restore(promoted);
    }
    this.first = undefined;
  }

  /** Hears that a version is the one to serve. Returns at once; what is not newer is dropped. */
  promote(promoted: ModelPromoted): void {
    const { model, generation, tags = {} } = promoted;
    if (!this.options.selects(model)) return;
    if (this.options.selects(model, tags)) this.hear(model, generation, promoted);
    // A model that lost the tag is of no concern here any more; one that never had it leaves no trace but its generation.
    else if (this.entries.has(model)) this.hear(model, generation, null, true);
    else this.passedOver.set(model, Math.max(generation, this.passedOver.get(model) ?? 0));
  }

  /** Hears that a model is gone. A retirement without a generation is believed, whatever is known. */
  retire(model: string, generation: number | undefined): void {
    if (!this.options.selects(model)) return;
    const passedOver = this.passedOver.get(model);
    if (passedOver !== undefined) {
      this.passedOver.set(model, Math.max(passedOver, generation ?? 0));
      return;
    }
    if (generation !== undefined) {
      this.hear(model, generation, null);
      return;
    }
    const { swap } = this.entry(model);
    this.heard(model, swap.target?.generation ?? 0);
    this.first = undefined;
    swap.wantGone();
    if (this.isCaughtUp) swap.drive();
  }

  /**
   * What lay on the bus has been read: now the newest of it is worked on, once per model. A copy that the bus knows
   * nothing of was retired so long ago that compaction removed even the tombstone.
   */
  catchUp(): void {
    this.isCaughtUp = true;
    this.first = undefined;
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
    const served = this.pinned(name, version) ?? this.promoted(name, version);
    if (served.lost)
      throw new PlatformError(
        'WORKER_LOST',
        `The worker of "${served.promoted.model}" ended and is being replaced; send the request again.`,
      );
    return served;
  }

  /** A pinned version; where the same one is promoted, that answers. */
  private pinned(name: string | undefined, version: number | undefined): ServedVersion | undefined {
    if (version === undefined) return undefined;
    const model = name ?? this.options.defaultModel ?? this.earliest();
    if (model === undefined || !this.pins.has(model, version)) return undefined;
    return this.entries.get(model)?.swap.slot.find(version, this.clock.now()) ?? this.pins.accept(model, version);
  }

  private promoted(name: string | undefined, version: number | undefined): ServedVersion {
    const swap = this.find(name);
    const served = swap.slot.find(version, this.clock.now());
    if (swap.target?.promoted === null && served === undefined)
      throw this.entries.get(swap.name)?.passedOver === true
        ? notServedHere(name, this.pins.versionsOf(swap.name))
        : new PlatformError('MODEL_RETIRED', `The model "${swap.name}" was retired.`);
    if (swap.slot.active === undefined) throw notReady(swap);
    if (served === undefined)
      throw new PlatformError(
        'VERSION_NOT_FOUND',
        `Version ${String(version)} of "${swap.name}" is not served here; ${String(swap.slot.active.promoted.version)} is.`,
      );
    return served;
  }

  /** The versions of a model that may be asked for by number, the promoted one first. */
  versionsOf(name: string): number[] {
    const promoted = this.entries.get(name)?.swap.slot.versions(this.clock.now()) ?? [];
    return [...new Set([...promoted, ...this.pins.versionsOf(name)])];
  }

  /** Every version that was pinned, promoted or not. */
  pinStates(): PinState[] {
    return this.pins.states();
  }

  /** Names of all models that answer or should: promoted ones, and those of which versions are pinned. */
  names(): string[] {
    const pinned = this.pins.states().map(({ model }) => model);
    return [...new Set([...this.models().map(({ name }) => name), ...pinned])].sort();
  }

  /** Every version in memory, those that drain and those that are pinned included. */
  loaded(): ServedVersion[] {
    return [...this.all().flatMap(({ slot }) => slot.loaded()), ...this.pins.loaded()];
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
    if (wanted === undefined || (this.entries.size === 0 && this.pins.states().length === 0))
      throw notServedHere(undefined, []);
    if (name === undefined)
      throw new PlatformError('NO_MODEL_PROMOTED', `The default model "${wanted}" has not been promoted yet.`);
    throw notServedHere(name, this.pins.versionsOf(name));
  }

  /** Every model that is meant to be served, by name. */
  models(): SwapModel[] {
    return this.all()
      .filter(({ target }) => target?.promoted)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  readiness(): ReadinessSnapshot['models'] {
    const models = this.models().map((swap) => ({
      name: swap.name,
      serving: swap.slot.active !== undefined && !swap.slot.active.lost,
      settled: swap.hasSettled(this.entries.get(swap.name)?.required ?? 0),
      later: this.isCaughtUp && (this.entries.get(swap.name)?.required ?? 0) === 0,
    }));
    const pins = this.pins.states().map(({ model, version, serving, tried }) => ({
      name: `version ${String(version)} of ${model}`,
      serving,
      settled: tried,
      later: tried,
    }));
    return [...models, ...pins];
  }

  async close(): Promise<void> {
    await Promise.all([this.pins.close(), ...this.all().map((swap) => swap.close())]);
  }

  private all(): SwapModel[] {
    return [...this.entries.values()].map(({ swap }) => swap);
  }

  private hear(model: string, generation: number, promoted: ModelPromoted | null, passedOver = false): void {
    const isOld = generation <= (this.passedOver.get(model) ?? 0);
    if (!isOld) this.passedOver.delete(model);
    const entry = isOld ? undefined : this.heard(model, generation);
    this.first = undefined;
    const isNewer = entry?.swap.want({ generation, promoted }, this.isCaughtUp) ?? false;
    // One that lost its tags and is retired then is still none of ours.
    if (entry !== undefined && isNewer) entry.passedOver = passedOver || (promoted === null && entry.passedOver);
    if (!isNewer) this.logger.debug('A promotion that is not newer is dropped.', { model, generation });
    // While the history is being read only its end counts; `catchUp` acts on it.
    else if (this.isCaughtUp) entry?.swap.drive();
  }

  private heard(model: string, generation: number): Entry {
    const entry = this.entry(model);
    entry.heard = Math.max(entry.heard, generation);
    return entry;
  }

  private entry(model: string): Entry {
    const known = this.entries.get(model) ?? { swap: this.open(model), heard: 0, required: 0, passedOver: false };
    this.entries.set(model, known);
    return known;
  }

  /** The model promoted first of those that are wanted; when all were retired, one of these, so that its end can be told. */
  private earliest(): string | undefined {
    this.first ??= this.promotedFirst();
    return this.first;
  }

  private promotedFirst(): string | undefined {
    const [first] = this.models()
      .map(({ name, target }) => ({ name, at: target?.promoted?.firstPromotedAt ?? '' }))
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.name < b.name ? -1 : 1));
    return (first as { name: string } | undefined)?.name ?? this.firstRetired();
  }

  private firstRetired(): string | undefined {
    for (const [name, { passedOver }] of this.entries) if (!passedOver) return name;
    return undefined;
  }
}
