import { PlatformError, type Clock } from '#runtime';
import type { PromotionAnnouncements } from './announcements.js';
import type { Promotions } from './promotions.js';
import { CHAMPION, type ModelVersions, type RegisteredModels } from './registered-models.js';
import type { Transactions } from './transactions.js';

/** Takes a model out of service: a tombstone with a generation of its own, so that no late promotion revives it. */
export class RetireModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly models: RegisteredModels,
    private readonly announcements: PromotionAnnouncements,
    private readonly clock: Clock,
  ) {}

  /** Returns the generation of the retirement. @throws PlatformError MODEL_NOT_FOUND; CONFLICT when nothing is promoted. */
  execute(wish: { model: string; reason: string; retiredBy: string }): Promise<number> {
    return this.transactions.run(async () => {
      await this.models.get(wish.model);
      const generation = await this.ifPromoted(wish);
      if (generation === undefined) throw new PlatformError('CONFLICT', `No version of ${wish.model} is promoted.`);
      return generation;
    });
  }

  /** As `execute`, but a model that is not promoted is fine: for deletions, which may take a served version along. */
  ifPromoted(
    wish: { model: string; reason: string; retiredBy: string },
    version?: number,
  ): Promise<number | undefined> {
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(wish.model);
      if (pointer.version === null || (version !== undefined && version !== pointer.version)) return undefined;
      const generation = pointer.generation + 1;
      const promotedAt = this.clock.iso();
      await this.versions.setStage(wish.model, pointer.version, 'Archived');
      await this.models.deleteAlias(wish.model, CHAMPION);
      await this.promotions.record({
        model: wish.model,
        version: null,
        previousVersion: pointer.version,
        generation,
        cause: 'retired',
        promotedBy: wish.retiredBy,
        reason: wish.reason,
        promotedAt,
      });
      await this.announcements.retired(wish.model, generation, promotedAt);
      return generation;
    });
  }
}
