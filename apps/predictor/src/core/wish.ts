import type { ModelPromoted } from '#contracts';

/** What is wanted of a model: a promotion, or (null) that it is gone. */
export interface Wanted {
  generation: number;
  promoted: ModelPromoted | null;
  /** A retirement that came without a generation: the promotion that it followed may have been said again behind it. */
  unnumbered?: true;
}

/** The newest of what was heard of one model, and what of it is acted on. */
export class Wish {
  private newest: Wanted | undefined;
  private held: Wanted | undefined;
  /** True once anything but a retirement was heard. */
  everServed = false;
  heardAtMs = 0;
  /** Heard while it happened, not read in the history. */
  live = false;

  get heard(): Wanted | undefined {
    return this.newest;
  }

  /** What to move towards. */
  get aim(): Wanted | undefined {
    return this.held ?? this.newest;
  }

  /** False, and nothing, when something newer is known. */
  hear(wanted: Wanted, live: boolean, nowMs: number): boolean {
    if (this.newest !== undefined && !isNewer(wanted, this.newest)) return false;
    this.newest = wanted;
    this.everServed ||= wanted.promoted !== null;
    this.heardAtMs = nowMs;
    this.live = live;
    return true;
  }

  /** The model is gone, whatever generation it had. */
  hearGone(nowMs: number): void {
    this.newest = { generation: this.newest?.generation ?? 0, promoted: null, unnumbered: true };
    this.heardAtMs = nowMs;
  }

  /** What is heard from here on is the history, of which only the end counts: until `act`, the aim stays. */
  hold(): void {
    this.held = this.newest;
  }

  act(): void {
    this.held = undefined;
  }

  /** It has to be done once more, by nobody's wish. */
  again(nowMs: number): void {
    this.heardAtMs = nowMs;
    this.live = false;
  }
}

const isNewer = (wanted: Wanted, known: Wanted): boolean =>
  wanted.generation > known.generation || (known.unnumbered === true && wanted.generation === known.generation);
