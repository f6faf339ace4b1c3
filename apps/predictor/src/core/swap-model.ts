import type { ModelDeployed, ModelPromoted } from '#contracts';
import type { Clock, Logger } from '#runtime';
import type { Deployments } from './deployments.js';
import type { LastGoodCopies } from './last-good-copies.js';
import { LoadAttempts, type Candidate } from './load-attempts.js';
import type { Measurements } from './measurements.js';
import { ModelNews, placeOf, type ModelFacts } from './model-news.js';
import type { PrepareVersion } from './prepare-version.js';
import { ServedVersion, ServingSlot } from './serving-slot.js';
import { placeInFleet } from './stagger.js';
import type { Step } from './step-failed.js';
import { nextAction, type SwapSnapshot, type VersionId } from './swap-policy.js';
import { Wish, type Wanted } from './wish.js';
import { WorkBeside } from './work-beside.js';

export interface SwapParts {
  prepare: Pick<PrepareVersion, 'execute'>;
  copies: LastGoodCopies;
  deployments: Deployments;
  measurements: Pick<Measurements, 'generations' | 'swapped' | 'failed' | 'ran'>;
  clock: Clock;
  logger: Logger;
}

export interface SwapOptions {
  predictorId: string;
  backoffMs: number;
  /** Whose bytes on the disk they are; absent: the model's. */
  owner?: string;
}

/** Moves one model towards what is wanted of it; decides by `nextAction`, does one thing at a time, never blocks its caller. */
export class SwapModel {
  readonly slot = new ServingSlot();
  private readonly wish = new Wish();
  private readonly attempts = new LoadAttempts();
  private readonly beside: WorkBeside;
  private readonly news: ModelNews;
  private readonly place: number;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private swapMs: number | undefined;

  constructor(
    readonly name: string,
    private readonly parts: SwapParts,
    private readonly options: SwapOptions,
  ) {
    this.news = new ModelNews(options.predictorId, name, parts.deployments, parts.clock);
    this.beside = new WorkBeside(name, parts.logger);
    this.place = placeInFleet(options.predictorId, name);
  }

  get target(): Wanted | undefined {
    return this.wish.heard;
  }

  /** Why the wanted version does not serve, when a load of it failed. */
  get failed(): { step: Step; reason: string } | undefined {
    const { failure } = this.attempts;
    return failure?.generation === this.wish.aim?.generation ? failure : undefined;
  }

  /** True once a load of this generation, or a newer one, has ended. */
  hasSettled(generation: number): boolean {
    return this.attempts.settled >= generation;
  }

  /** Begins with what served before the restart, and stays with it until `drive`: what is heard meanwhile is history. */
  restore(promoted: ModelPromoted): void {
    this.attempts.lastGood = promoted;
    this.want({ generation: promoted.generation, promoted }, false);
    this.wish.hold();
    this.go();
  }

  /** Records what is wanted; false when something newer is known. `drive` acts on it. */
  want(wanted: Wanted, live: boolean): boolean {
    const isNews = this.wish.hear(wanted, live, this.parts.clock.now());
    // What was retired must not come back as a help in need.
    if (isNews && wanted.promoted === null) this.attempts.lastGood = undefined;
    return isNews;
  }

  /** Records that the model is gone, by a word without a generation, or because nothing is said of it any more. */
  wantGone(): void {
    this.wish.hearGone(this.parts.clock.now());
    this.attempts.lastGood = undefined;
  }

  /** Does what there is to do now. What takes time goes on by itself. */
  drive(): void {
    this.wish.act();
    this.go();
  }

  /** Ends loads and retries, waits for the running requests and closes the model. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.abandon();
    this.beside.add(this.slot.swap(undefined, this.parts.clock.now()));
    await this.beside.settled();
  }

  /** The word of this replica on this model, for `model.deployed`. */
  state(): ModelDeployed {
    return this.news.state(this.facts());
  }

  private go(): void {
    clearTimeout(this.timer);
    while (!this.closed) {
      const action = nextAction(this.snapshot());
      if (action.do === 'nothing') break;
      if (action.do === 'wait') {
        this.timer = setTimeout(() => {
          this.go();
        }, action.ms);
        break;
      }
      this[action.do]();
    }
    this.tell();
  }

  private facts(): ModelFacts {
    const { failed, swapMs } = this;
    return { active: this.slot.active, target: this.wish.aim?.promoted ?? null, failed, swapMs };
  }

  private snapshot(): SwapSnapshot {
    const { active } = this.slot;
    const { candidate, lastGood, failure } = this.attempts;
    const { aim } = this.wish;
    return {
      target: aim && { generation: aim.generation, serve: aim.promoted && idOf(aim.promoted) },
      active: active && { ...idOf(active.promoted), lost: active.lost },
      lastGood: lastGood && idOf(lastGood),
      candidate: candidate && {
        ...idOf(candidate.promoted),
        phase: candidate.loaded === undefined ? 'loading' : 'loaded',
        lastGood: candidate.lastGood,
        abandoned: candidate.abort.signal.aborted,
      },
      failure,
      nowMs: this.parts.clock.now(),
      backoffMs: this.options.backoffMs,
      place: this.place,
    };
  }

  private load(): void {
    if (this.wish.aim?.promoted) this.begin(this.wish.aim.promoted);
  }

  private 'load-last-good'(): void {
    if (this.attempts.lastGood !== undefined) this.begin(this.attempts.lastGood);
  }

  private begin(promoted: ModelPromoted): void {
    const { prepare } = this.parts;
    const candidate = this.attempts.begin(promoted);
    const { owner = this.name } = this.options;
    const urgent = this.slot.active?.lost ?? true;
    const loading = prepare.execute(promoted, { owner, urgent, signal: candidate.abort.signal }).then(
      (model) => {
        candidate.loaded = model;
        if (this.closed) this.discard();
        else this.go();
      },
      (error: unknown) => {
        this.fail(candidate, error);
        this.go();
      },
    );
    this.beside.add(loading);
  }

  private abandon(): void {
    this.attempts.candidate?.abort.abort();
  }

  private discard(): void {
    const candidate = this.attempts.take();
    if (candidate === undefined) return;
    const facts = { model: this.name, ...placeOf(candidate.promoted) };
    this.parts.logger.info('Nobody waits for this version any more; it is thrown away.', facts);
    this.beside.add(candidate.loaded.close());
  }

  private swap(): void {
    const candidate = this.attempts.take();
    if (candidate === undefined) return;
    const { promoted, loaded } = candidate;
    const served = new ServedVersion(promoted, loaded);
    loaded.observe((run) => {
      // Its number changes when the same bytes are promoted under another one.
      this.parts.measurements.ran(served.promoted, run);
    });
    void loaded.lost.then((error) => {
      this.lose(served, error);
    });
    const nowMs = this.parts.clock.now();
    this.beside.add(this.slot.swap(served, nowMs));
    this.serves(promoted, 'A version serves.');
    this.parts.measurements.swapped(promoted, this.swapMs ?? 0, this.sincePromotionMs(promoted, nowMs));
  }

  private adopt(): void {
    const promoted = this.wish.aim?.promoted;
    if (!promoted || this.slot.active === undefined) return;
    this.slot.active.adopt(promoted);
    this.serves(promoted, 'The promoted version serves already.');
  }

  private serves(promoted: ModelPromoted, sentence: string): void {
    this.attempts.serves(promoted);
    this.swapMs = Math.max(0, this.parts.clock.now() - this.wish.heardAtMs);
    this.parts.logger.info(sentence, { model: this.name, ...placeOf(promoted), swapMs: this.swapMs });
    this.beside.add(this.parts.copies.remember(promoted));
  }

  private unload(): void {
    this.beside.add(this.slot.swap(undefined, this.parts.clock.now()));
    this.swapMs = undefined;
    this.parts.logger.info('The model was retired and is unloaded.', { model: this.name });
  }

  private fail(candidate: Candidate, error: unknown): void {
    const { aim } = this.wish;
    const nowMs = this.parts.clock.now();
    const failure = this.attempts.failed(candidate, error, { wanted: aim?.generation, nowMs });
    if (failure === undefined) return;
    this.fallBack();
    const { step, reason, attempts } = failure;
    this.parts.measurements.failed(this.name, step);
    const facts = { model: this.name, ...placeOf(candidate.promoted), step, reason, attempts, error };
    this.parts.logger.error('A promoted version can not be served; what served before stays.', facts);
  }

  private lose(served: ServedVersion, error: Error): void {
    served.lost = true;
    if (this.slot.active !== served || this.closed) return;
    this.parts.logger.error('The worker of a model ended; it is loaded again.', { model: this.name, error });
    this.wish.again(this.parts.clock.now());
    this.fallBack();
    this.go();
  }

  /** The version whose worker ended is loaded again although a newer one is wanted: that one may never come to serve. */
  private fallBack(): void {
    const { active } = this.slot;
    if (active?.lost === true && this.wish.aim?.promoted) this.attempts.lastGood = active.promoted;
  }

  private sincePromotionMs(promoted: ModelPromoted, nowMs: number): number | undefined {
    if (!this.wish.live || promoted.generation !== this.wish.aim?.generation) return undefined;
    return Math.max(0, nowMs - Date.parse(promoted.promotedAt));
  }

  /** Says the state when it is another one than was said last. */
  private tell(): void {
    const { aim } = this.wish;
    if (this.closed || aim === undefined || !this.wish.everServed) return;
    const active = this.slot.active?.promoted.generation ?? 0;
    this.parts.measurements.generations(this.name, active, aim.promoted?.generation ?? 0);
    if (this.news.tell(this.facts()) && aim.promoted === null)
      this.beside.add(this.parts.copies.forget(this.options.owner ?? this.name));
  }
}

const idOf = ({ version, generation, artifact }: ModelPromoted): VersionId => ({
  version,
  generation,
  sha256: artifact.sha256,
});
