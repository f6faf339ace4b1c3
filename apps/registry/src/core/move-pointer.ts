import type { ModelPromoted } from '#contracts';
import type { Clock } from '#runtime';
import type { PromotionAnnouncements } from './announcements.js';
import type { Tag } from './paging.js';
import type { PendingPromotion, Pointer, PromotionCause, Promotions } from './promotions.js';
import type { ModelVersion, RegisteredModels } from './registered-models.js';

export interface Why {
  cause: PromotionCause;
  promotedBy: string;
  reason: string;
}

/** What became of a wish: said, waiting, or (neither) what it was already. */
export interface MoveOutcome {
  promotion?: ModelPromoted;
  pending?: PendingPromotion;
}

/**
 * The one place where a pointer moves, whichever door the wish came through: each move is one generation, one line of
 * history and one `model.promoted`, in the transaction that holds the pointer's lock.
 */
export class MovePointer {
  constructor(
    private readonly promotions: Promotions,
    private readonly models: RegisteredModels,
    private readonly announcements: PromotionAnnouncements,
    private readonly clock: Clock,
  ) {}

  /**
   * To a version that can be served; one that can not waits, and what is served stays. A newer wish takes the place of one
   * that waits. `again` makes a generation of a version that is promoted already: predictors load it anew.
   */
  async to(pointer: Pointer, version: ModelVersion, why: Why, again = false): Promise<MoveOutcome> {
    if (!version.frozen.servable) return { pending: await this.wait(pointer, version.version, why) };
    await this.forget(pointer);
    if (pointer.version === version.version && !again) return {};
    const promotedAt = this.clock.iso();
    const { inputExample } = version.frozen;
    const promotion: ModelPromoted = {
      model: version.name,
      version: version.version,
      generation: pointer.generation + 1,
      runId: version.runId,
      stage: 'Production',
      modelUri: `models:/${version.name}/${String(version.version)}`,
      artifact: version.frozen.artifact,
      signature: version.frozen.signature,
      previousVersion: pointer.version,
      ...why,
      promotedAt,
      tags: told((await this.models.get(version.name)).tags),
      ...(inputExample && { inputExample }),
      firstPromotedAt: pointer.firstPromotedAt ?? promotedAt,
    };
    await this.promotions.record(promotion);
    await this.announcements.promoted(promotion);
    return { promotion };
  }

  /** A tombstone with a generation of its own, so that no late promotion revives the model. What waits goes on waiting. */
  async retire(pointer: Pointer, { promotedBy, reason }: Omit<Why, 'cause'>): Promise<number> {
    const generation = pointer.generation + 1;
    const promotedAt = this.clock.iso();
    const line = { model: pointer.name, version: null, previousVersion: pointer.version, generation };
    await this.promotions.record({ ...line, cause: 'retired', promotedBy, reason, promotedAt });
    await this.announcements.retired(pointer.name, generation, promotedAt);
    return generation;
  }

  /** Nothing waits any more. */
  async forget(pointer: Pointer): Promise<void> {
    if (pointer.pending !== null) await this.promotions.setPending(pointer.name, null);
  }

  private async wait(pointer: Pointer, version: number, why: Why): Promise<PendingPromotion> {
    if (pointer.pending?.version === version) return pointer.pending;
    const pending = { version, since: this.clock.iso(), ...why };
    await this.promotions.setPending(pointer.name, pending);
    return pending;
  }
}

/** Tags by which replicas are told apart are short; texts that somebody keeps as tags do not travel with every promotion. */
const LONGEST_TAG = 255;

const told = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.filter(({ value }) => value.length <= LONGEST_TAG).map(({ key, value }) => [key, value]));
