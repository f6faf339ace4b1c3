import type { ModelDeployed, ModelPromoted } from '#contracts';
import { messageOf, type Clock, type Logger } from '#runtime';
import type { Deployments } from './deployments.js';
import type { LastGoodCopies } from './last-good-copies.js';
import type { Measurements } from './measurements.js';
import type { LoadedModel } from './model-host.js';
import { ModelNews, placeOf, type ModelFacts } from './model-news.js';
import type { PrepareVersion } from './prepare-version.js';
import { ServedVersion, ServingSlot } from './serving-slot.js';
import { StepFailed, type Step } from './step-failed.js';
import { nextAction, type SwapSnapshot, type VersionId } from './swap-policy.js';

/** What is wanted of a model: a promotion, or (null) that it is gone. */
export interface Wanted {
  generation: number;
  promoted: ModelPromoted | null;
}

export interface SwapParts {
  prepare: PrepareVersion;
  copies: LastGoodCopies;
  deployments: Deployments;
  measurements: Measurements;
  clock: Clock;
  logger: Logger;
}

export interface SwapOptions {
  predictorId: string;
  backoffMs: number;
}

interface Candidate {
  promoted: ModelPromoted;
  lastGood: boolean;
  abort: AbortController;
  loaded?: LoadedModel;
}

interface Failure {
  generation: number;
  attempts: number;
  atMs: number;
  step: Step;
  reason: string;
}

/** Moves one model towards what is wanted of it; decides by `nextAction`, does one thing at a time, never blocks its caller. */
export class SwapModel {
  readonly slot = new ServingSlot();
  private wanted: Wanted | undefined;
  private lastGood: ModelPromoted | undefined;
  private candidate: Candidate | undefined;
  private failure: Failure | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private hadTarget = false;
  /** The highest generation whose load has ended, well or not. */
  private settled = 0;
  private heardAtMs = 0;
  private heardLive = false;
  private swapMs: number | undefined;
  /** What goes on beside the serving; the end of the process waits for it, because ending inside a load aborts everything. */
  private readonly besides = new Set<Promise<void>>();
  private readonly news: ModelNews;

  constructor(
    readonly name: string,
    private readonly parts: SwapParts,
    private readonly options: SwapOptions,
  ) {
    this.news = new ModelNews(options.predictorId, name, parts.deployments, parts.clock);
  }

  get target(): Wanted | undefined {
    return this.wanted;
  }

  /** Why the wanted version does not serve, when a load of it failed. */
  get failed(): { step: Step; reason: string } | undefined {
    return this.failure?.generation === this.wanted?.generation ? this.failure : undefined;
  }

  /** True once a load of this generation, or a newer one, has ended. */
  hasSettled(generation: number): boolean {
    return this.settled >= generation;
  }

  /** Begins with what served before the restart. */
  restore(promoted: ModelPromoted): void {
    this.lastGood = promoted;
    this.want({ generation: promoted.generation, promoted }, false);
    this.drive();
  }

  /** Records what is wanted; false when something newer is known. `drive` acts on it. */
  want(wanted: Wanted, live: boolean): boolean {
    if (this.wanted !== undefined && wanted.generation <= this.wanted.generation) return false;
    this.wanted = wanted;
    this.hadTarget ||= wanted.promoted !== null;
    this.heardAtMs = this.parts.clock.now();
    this.heardLive = live;
    return true;
  }

  /** Retires what the bus knows nothing of any more. */
  retireUnknown(): void {
    if (this.wanted !== undefined) this.wanted = { generation: this.wanted.generation, promoted: null };
    this.drive();
  }

  /** Does what there is to do now. What takes time goes on by itself and comes back here. */
  drive(): void {
    clearTimeout(this.timer);
    while (!this.closed) {
      const action = nextAction(this.snapshot());
      if (action.do === 'nothing') break;
      if (action.do === 'wait') {
        this.timer = setTimeout(() => {
          this.drive();
        }, action.ms);
        break;
      }
      this[action.do]();
    }
    this.tell();
  }

  /** Ends loads and retries, waits for the running requests and closes the model. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.candidate?.abort.abort();
    this.finish(this.slot.swap(undefined, this.parts.clock.now()));
    while (this.besides.size > 0) await Promise.all(this.besides);
  }

  /** The word of this replica on this model, for `model.deployed`. */
  state(): ModelDeployed {
    return this.news.state(this.facts());
  }

  private facts(): ModelFacts {
    const { failed, swapMs } = this;
    return { active: this.slot.active, target: this.wanted?.promoted ?? null, failed, swapMs };
  }

  private snapshot(): SwapSnapshot {
    const { active } = this.slot;
    const { wanted, candidate, lastGood } = this;
    return {
      target: wanted && { generation: wanted.generation, serve: wanted.promoted && idOf(wanted.promoted) },
      active: active && { ...idOf(active.promoted), lost: active.lost },
      lastGood: lastGood && idOf(lastGood),
      candidate: candidate && {
        ...idOf(candidate.promoted),
        phase: candidate.loaded === undefined ? 'loading' : 'loaded',
        lastGood: candidate.lastGood,
        abandoned: candidate.abort.signal.aborted,
      },
      failure: this.failure,
      nowMs: this.parts.clock.now(),
      backoffMs: this.options.backoffMs,
    };
  }

  private load(): void {
    if (this.wanted?.promoted) this.begin(this.wanted.promoted);
  }

  private 'load-last-good'(): void {
    if (this.lastGood !== undefined) this.begin(this.lastGood);
  }

  private begin(promoted: ModelPromoted): void {
    const lastGood = promoted.generation === this.lastGood?.generation;
    const candidate: Candidate = { promoted, lastGood, abort: new AbortController() };
    this.candidate = candidate;
    const { active } = this.slot;
    const urgent = active === undefined || active.lost;
    const options = { owner: this.name, urgent, signal: candidate.abort.signal };
    const loading = this.parts.prepare.execute(promoted, options).then(
      (model) => {
        candidate.loaded = model;
        if (this.closed) this.discard();
        else this.drive();
      },
      (error: unknown) => {
        this.candidate = undefined;
        this.fail(candidate, error);
        this.drive();
      },
    );
    this.finish(loading);
  }

  private abandon(): void {
    this.candidate?.abort.abort();
  }

  private discard(): void {
    const { candidate } = this;
    this.candidate = undefined;
    if (candidate?.loaded === undefined) return;
    this.parts.logger.info('A newer promotion came before this version was loaded; it is thrown away.', {
      model: this.name,
      ...placeOf(candidate.promoted),
    });
    this.finish(candidate.loaded.close());
  }

  private swap(): void {
    const { candidate } = this;
    this.candidate = undefined;
    if (candidate?.loaded === undefined) return;
    const { promoted, loaded: model } = candidate;
    const nowMs = this.parts.clock.now();
    const served = new ServedVersion(promoted, model);
    model.observe((run) => {
      // Its number changes when the same bytes are promoted under another one.
      this.parts.measurements.ran(served.promoted, run);
    });
    void model.lost.then((error) => {
      this.lose(served, error);
    });
    this.finish(this.slot.swap(served, nowMs));
    this.lastGood = undefined;
    this.settled = Math.max(this.settled, promoted.generation);
    if (this.failure !== undefined && this.failure.generation <= promoted.generation) this.failure = undefined;
    this.swapMs = Math.max(0, nowMs - this.heardAtMs);
    this.parts.measurements.swapped(promoted, this.swapMs, this.sincePromotionMs(promoted, nowMs));
    this.parts.logger.info('A version serves.', { model: this.name, ...placeOf(promoted), swapMs: this.swapMs });
    this.finish(this.parts.copies.remember(promoted));
  }

  private adopt(): void {
    const promoted = this.wanted?.promoted;
    if (!promoted || this.slot.active === undefined) return;
    this.slot.active.adopt(promoted);
    this.settled = Math.max(this.settled, promoted.generation);
    this.failure = undefined;
    this.swapMs = Math.max(0, this.parts.clock.now() - this.heardAtMs);
    this.parts.logger.info('The promoted version serves already.', { model: this.name, ...placeOf(promoted) });
    this.finish(this.parts.copies.remember(promoted));
  }

  private unload(): void {
    this.finish(this.slot.swap(undefined, this.parts.clock.now()));
    this.swapMs = undefined;
    this.parts.logger.info('The model was retired and is unloaded.', { model: this.name });
  }

  private fail({ promoted, lastGood, abort }: Candidate, error: unknown): void {
    if (lastGood) this.lastGood = undefined;
    // Nobody waits for it any more: how it ended says nothing.
    if (abort.signal.aborted || promoted.generation !== this.wanted?.generation) return;
    const step = error instanceof StepFailed ? error.step : 'swap';
    const reason = error instanceof StepFailed ? error.reason : messageOf(error);
    const attempts = this.failure?.generation === promoted.generation ? this.failure.attempts + 1 : 1;
    this.failure = { generation: promoted.generation, attempts, atMs: this.parts.clock.now(), step, reason };
    this.settled = Math.max(this.settled, promoted.generation);
    this.parts.measurements.failed(this.name, step);
    const facts = { model: this.name, ...placeOf(promoted), step, reason, attempts, error };
    this.parts.logger.error('A promoted version can not be served; what served before stays.', facts);
  }

  private lose(served: ServedVersion, error: Error): void {
    served.lost = true;
    if (this.slot.active !== served || this.closed) return;
    this.parts.logger.error('The worker of a model ended; it is loaded again.', { model: this.name, error });
    this.heardAtMs = this.parts.clock.now();
    this.heardLive = false;
    this.drive();
  }

  private sincePromotionMs(promoted: ModelPromoted, nowMs: number): number | undefined {
    if (!this.heardLive || promoted.generation !== this.wanted?.generation) return undefined;
    return Math.max(0, nowMs - Date.parse(promoted.promotedAt));
  }

  /** Says the state when it is another one than was said last. */
  private tell(): void {
    if (this.closed || this.wanted === undefined || !this.hadTarget) return;
    const active = this.slot.active?.promoted.generation ?? 0;
    this.parts.measurements.generations(this.name, active, this.wanted.promoted?.generation ?? 0);
    if (this.news.tell(this.facts()) && this.wanted.promoted === null) this.finish(this.parts.copies.forget(this.name));
  }

  /** For what goes on beside the serving: a fault is logged, no request waits for it. */
  private finish(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.parts.logger.warn('Work beside the serving failed.', { model: this.name, error });
      })
      .finally(() => this.besides.delete(done));
    this.besides.add(done);
  }
}

const idOf = ({ version, generation, artifact }: ModelPromoted): VersionId => ({
  version,
  generation,
  sha256: artifact.sha256,
});
