import type { ModelPromoted } from '#contracts';
import { PlatformError, type Clock } from '#runtime';
import type { PromotionAnnouncements } from './announcements.js';
import type { PromotionCause, Promotions } from './promotions.js';
import { CHAMPION, type ModelVersion, type ModelVersions, type RegisteredModels } from './registered-models.js';
import type { Transactions } from './transactions.js';

export interface PromotionWish {
  model: string;
  version: number;
  cause: PromotionCause;
  promotedBy: string;
  reason: string;
  /** False leaves the other versions in stage Production, as MLflow's clients may ask; true when absent. */
  archiveOthers?: boolean;
}

/**
 * Makes one version the one to serve, whichever door the wish came through: pointer, stage `Production`, alias
 * `champion` and `model.promoted` change in one transaction. Promoting the present version again is a new generation
 * when a person asks for it (it makes predictors load again), and nothing when stage or alias merely repeat it.
 */
export class PromoteModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly models: RegisteredModels,
    private readonly announcements: PromotionAnnouncements,
    private readonly clock: Clock,
  ) {}

  /** @throws PlatformError VERSION_NOT_FOUND; VERSION_NOT_SERVABLE unless stage or alias asks: there it is left pending. */
  execute(wish: PromotionWish): Promise<ModelPromoted | undefined> {
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(wish.model);
      const version = await this.versions.get(wish.model, wish.version);
      const label = wish.cause === 'stage' || wish.cause === 'alias';
      if (!version.frozen.servable && !label) throw notServable(version, version.frozen.reason);
      await this.agree(wish);
      if (!version.frozen.servable || (label && pointer.version === wish.version)) return undefined;
      const promotedAt = this.clock.iso();
      const event: ModelPromoted = {
        model: wish.model,
        version: wish.version,
        generation: pointer.generation + 1,
        runId: version.runId,
        stage: 'Production',
        modelUri: `models:/${wish.model}/${String(wish.version)}`,
        artifact: version.frozen.artifact,
        signature: version.frozen.signature,
        previousVersion: pointer.version,
        cause: wish.cause,
        promotedBy: wish.promotedBy,
        reason: wish.reason,
        promotedAt,
        firstPromotedAt: pointer.firstPromotedAt ?? promotedAt,
      };
      await this.promotions.record(event);
      await this.announcements.promoted(event);
      return event;
    });
  }

  private async agree({ model, version, archiveOthers }: PromotionWish): Promise<void> {
    if (archiveOthers !== false) await this.versions.archiveOthers(model, version, 'Production');
    await this.versions.setStage(model, version, 'Production');
    await this.models.setAlias(model, CHAMPION, version);
  }
}

const notServable = ({ name, version }: ModelVersion, reason: string): PlatformError =>
  new PlatformError('VERSION_NOT_SERVABLE', `Version ${String(version)} of ${name} can not be served: ${reason}.`);
