import { PlatformError } from '#runtime';
import type { MovePointer } from './move-pointer.js';
import type { Promotions } from './promotions.js';
import { CHAMPION, type ModelVersions, type RegisteredModels } from './registered-models.js';
import type { Transactions } from './transactions.js';

/** Takes a model out of service by our own door: pointer and labels agree that there is no version in production. */
export class RetireModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly models: RegisteredModels,
    private readonly move: MovePointer,
  ) {}

  /**
   * Returns the generation of the retirement; when a promotion only waited, the present one.
   * @throws PlatformError MODEL_NOT_FOUND; CONFLICT when nothing is promoted and nothing waits.
   */
  execute({ model, ...why }: { model: string; reason: string; promotedBy: string }): Promise<number> {
    return this.transactions.run(async () => {
      await this.models.get(model);
      const pointer = await this.promotions.lock(model);
      if (pointer.version === null && pointer.pending === null)
        throw new PlatformError('CONFLICT', `No version of ${model} is promoted.`);
      await this.move.forget(pointer);
      if (pointer.version !== null) await this.versions.setStage(model, pointer.version, 'Archived');
      await this.versions.archiveOthers(model, pointer.version, 'Production');
      await this.models.deleteAlias(model, CHAMPION);
      return pointer.version === null ? pointer.generation : this.move.retire(pointer, why);
    });
  }
}
