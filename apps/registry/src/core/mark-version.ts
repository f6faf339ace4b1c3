import { PlatformError } from '#runtime';
import type { PromoteModel } from './promote-model.js';
import { CHAMPION, type ModelVersions, type RegisteredModels, type Stage } from './registered-models.js';
import type { Transactions } from './transactions.js';

/** Stages and aliases as any client sets them. Two of them are doors to promotion: `Production` and `champion`. */
export class MarkVersion {
  constructor(
    private readonly transactions: Transactions,
    private readonly versions: ModelVersions,
    private readonly models: RegisteredModels,
    private readonly promote: PromoteModel,
  ) {}

  /**
   * Leaving `Production` is a label only: what is served stays until another version is promoted or the model retired.
   * @throws PlatformError VERSION_NOT_FOUND; REQUEST_INVALID for archiving the versions of a stage that is not active.
   */
  setStage(wish: { name: string; version: number; stage: Stage; archiveOthers: boolean; by: string }): Promise<void> {
    const { name, version, stage, archiveOthers } = wish;
    if (archiveOthers && (stage === 'None' || stage === 'Archived'))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are Staging, Production.`,
      );
    return this.transactions.run(async () => {
      if (stage === 'Production') {
        const reason = 'stage set to Production';
        await this.promote.execute({
          model: name,
          version,
          cause: 'stage',
          promotedBy: wish.by,
          reason,
          archiveOthers,
        });
        return;
      }
      await this.versions.setStage(name, version, stage);
      if (archiveOthers) await this.versions.archiveOthers(name, version, stage);
    });
  }

  /** @throws PlatformError MODEL_NOT_FOUND, VERSION_NOT_FOUND. */
  setAlias(wish: { name: string; version: number; alias: string; by: string }): Promise<void> {
    const { name, version, alias } = wish;
    return this.transactions.run(async () => {
      await this.models.get(name);
      if (alias === CHAMPION) {
        const reason = `alias ${CHAMPION} set`;
        await this.promote.execute({ model: name, version, cause: 'alias', promotedBy: wish.by, reason });
        return;
      }
      await this.versions.get(name, version);
      await this.models.setAlias(name, alias, version);
    });
  }

  /** An alias that is not there is fine. @throws PlatformError MODEL_NOT_FOUND. */
  deleteAlias(wish: { name: string; alias: string; by: string }): Promise<void> {
    const { name, alias } = wish;
    return this.transactions.run(async () => {
      await this.models.get(name);
      await this.models.deleteAlias(name, alias);
    });
  }
}
