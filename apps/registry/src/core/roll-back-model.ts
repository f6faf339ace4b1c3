import type { ModelPromoted } from '#contracts';
import { PlatformError } from '#runtime';
import type { PromoteModel } from './promote-model.js';
import type { Promotions } from './promotions.js';
import type { ModelVersions } from './registered-models.js';
import { rollbackTarget } from './rollback-target.js';
import type { Transactions } from './transactions.js';

/** Rolling back is promoting an older version: the one before the present, or one that is named. */
export class RollBackModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly promote: PromoteModel,
  ) {}

  /** @throws PlatformError NOTHING_TO_ROLL_BACK_TO, VERSION_NOT_FOUND, VERSION_NOT_SERVABLE. */
  execute(wish: { model: string; to?: number; reason: string; promotedBy: string }): Promise<ModelPromoted> {
    return this.transactions.run(async () => {
      await this.promotions.lock(wish.model);
      const version = wish.to ?? (await this.target(wish.model));
      const { model, reason, promotedBy } = wish;
      const { promotion } = await this.promote.execute({ model, version, reason, promotedBy, cause: 'rollback' });
      // A rollback is a new generation always, or it throws.
      if (promotion === undefined) throw new PlatformError('INTERNAL');
      return promotion;
    });
  }

  private async target(model: string): Promise<number> {
    const history = (await this.promotions.history(model)).reverse();
    const existing = new Set<number>();
    for (const version of new Set(history.map((line) => line.version)))
      if (version !== null && (await this.servable(model, version))) existing.add(version);
    const target = rollbackTarget(history, (version) => existing.has(version));
    if (target === undefined)
      throw new PlatformError('NOTHING_TO_ROLL_BACK_TO', `No version of ${model} was promoted before the present one.`);
    return target;
  }

  private async servable(model: string, version: number): Promise<boolean> {
    try {
      return (await this.versions.get(model, version)).frozen.servable;
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'VERSION_NOT_FOUND') return false;
      throw error;
    }
  }
}
