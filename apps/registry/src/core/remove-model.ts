import type { PromoteModel } from './promote-model.js';
import type { Promotions } from './promotions.js';
import type { ModelVersions, RegisteredModels } from './registered-models.js';
import type { RetireModel } from './retire-model.js';
import type { Transactions } from './transactions.js';

/** Deleting and renaming, which may take what is served along: then it is retired first, in the same transaction. */
export class RemoveModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly models: RegisteredModels,
    private readonly versions: ModelVersions,
    private readonly promotions: Promotions,
    private readonly retire: RetireModel,
    private readonly promote: PromoteModel,
  ) {}

  /** @throws PlatformError MODEL_NOT_FOUND. */
  deleteModel(model: string): Promise<void> {
    return this.transactions.run(async () => {
      await this.models.get(model);
      await this.retire.ifPromoted({ model, reason: 'the model was deleted', retiredBy: 'registry' });
      await this.models.delete(model);
    });
  }

  /** @throws PlatformError VERSION_NOT_FOUND. */
  deleteVersion(model: string, version: number): Promise<void> {
    return this.transactions.run(async () => {
      await this.versions.get(model, version);
      await this.retire.ifPromoted({ model, reason: 'the version was deleted', retiredBy: 'registry' }, version);
      await this.versions.delete(model, version);
    });
  }

  /** What is served under the old name ends and begins under the new one. @throws PlatformError MODEL_NOT_FOUND, ALREADY_EXISTS. */
  rename(model: string, newName: string): Promise<void> {
    return this.transactions.run(async () => {
      await this.models.get(model);
      const served = (await this.promotions.lock(model)).version;
      const reason = `${model} was renamed to ${newName}`;
      await this.retire.ifPromoted({ model, reason, retiredBy: 'registry' });
      await this.models.rename(model, newName);
      if (served === null) return;
      await this.promote.execute({ model: newName, version: served, cause: 'request', promotedBy: 'registry', reason });
    });
  }
}
