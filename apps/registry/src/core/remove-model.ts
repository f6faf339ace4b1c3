import type { FollowLabels } from './follow-labels.js';
import type { ModelsAndPlans } from './models-and-plans.js';
import type { MovePointer } from './move-pointer.js';
import type { Pointer, Promotions } from './promotions.js';
import type { ModelVersions } from './registered-models.js';
import type { Transactions } from './transactions.js';

/** Deleting and renaming, which may take what is served along: then it is retired in the same transaction. */
export class RemoveModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly models: ModelsAndPlans,
    private readonly versions: ModelVersions,
    private readonly promotions: Promotions,
    private readonly follow: FollowLabels,
    private readonly move: MovePointer,
  ) {}

  /** @throws PlatformError MODEL_NOT_FOUND. */
  deleteModel(model: string, by: string): Promise<void> {
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(model);
      await this.models.delete(model);
      await this.withdraw(pointer, { promotedBy: by, reason: 'the model was deleted' });
    });
  }

  /** @throws PlatformError VERSION_NOT_FOUND. */
  deleteVersion(model: string, version: number, by: string): Promise<void> {
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(model);
      await this.versions.delete(model, version);
      await this.follow.execute(pointer, { label: 'version deleted', version }, by);
    });
  }

  /**
   * What is served under the old name ends and begins under the new one; what waits goes on waiting there.
   * @throws PlatformError MODEL_NOT_FOUND, ALREADY_EXISTS.
   */
  rename(model: string, newName: string, by: string): Promise<void> {
    return this.transactions.run(async () => {
      if (model === newName) return this.models.rename(model, newName);
      // Always in the same order: two renames that cross would else wait for each other.
      for (const name of [model, newName].sort()) await this.promotions.lock(name);
      const pointer = await this.promotions.lock(model);
      await this.models.rename(model, newName);
      const why = { promotedBy: by, reason: `${model} was renamed to ${newName}` };
      await this.withdraw(pointer, why);
      const target = await this.promotions.lock(newName);
      if (pointer.version !== null)
        await this.move.to(target, await this.versions.get(newName, pointer.version), { ...why, cause: 'request' });
      if (pointer.pending !== null) await this.promotions.setPending(newName, pointer.pending);
    });
  }

  private async withdraw(pointer: Pointer, why: { promotedBy: string; reason: string }): Promise<void> {
    await this.move.forget(pointer);
    if (pointer.version !== null) await this.move.retire(pointer, why);
  }
}
