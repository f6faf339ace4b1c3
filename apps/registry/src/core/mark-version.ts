import { PlatformError } from '#runtime';
import type { FollowLabels } from './follow-labels.js';
import { isPrompt } from './prompts.js';
import type { Promotions } from './promotions.js';
import { CHAMPION, type ModelVersions, type RegisteredModels, type Stage } from './registered-models.js';
import type { Transactions } from './transactions.js';

/**
 * Stages and aliases as any client sets them, with MLflow's effects and no other on the labels. Two of them are doors to
 * promotion: the pointer follows the stage `Production` and the alias `champion`, but for prompts, which nobody serves.
 */
export class MarkVersion {
  constructor(
    private readonly transactions: Transactions,
    private readonly versions: ModelVersions,
    private readonly models: RegisteredModels,
    private readonly promotions: Promotions,
    private readonly follow: FollowLabels,
  ) {}

  /** @throws PlatformError VERSION_NOT_FOUND; REQUEST_INVALID for archiving the versions of a stage that is not active. */
  setStage(wish: { name: string; version: number; stage: Stage; archiveOthers: boolean; by: string }): Promise<void> {
    const { name, version, stage, archiveOthers } = wish;
    if (archiveOthers && (stage === 'None' || stage === 'Archived'))
      throw new PlatformError(
        'REQUEST_INVALID',
        `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are Staging, Production.`,
      );
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(name);
      const marked = await this.versions.get(name, version);
      if (archiveOthers) await this.versions.archiveOthers(name, version, stage);
      await this.versions.setStage(name, version, stage);
      if (isPrompt(marked.tags)) return;
      const change = { label: 'stage', version, from: marked.stage, to: stage } as const;
      await this.follow.execute(pointer, change, wish.by, marked);
    });
  }

  /** @throws PlatformError MODEL_NOT_FOUND, VERSION_NOT_FOUND. */
  setAlias(wish: { name: string; version: number; alias: string; by: string }): Promise<void> {
    const { name, version, alias } = wish;
    return this.transactions.run(async () => {
      await this.models.get(name);
      const pointer = await this.promotions.lock(name);
      const marked = await this.versions.get(name, version);
      await this.models.setAlias(name, alias, version);
      if (alias === CHAMPION && !isPrompt(marked.tags))
        await this.follow.execute(pointer, { label: 'champion set', version }, wish.by, marked);
    });
  }

  /** An alias that is not there is fine. @throws PlatformError MODEL_NOT_FOUND. */
  deleteAlias(wish: { name: string; alias: string; by: string }): Promise<void> {
    const { name, alias, by } = wish;
    return this.transactions.run(async () => {
      await this.models.get(name);
      const pointer = await this.promotions.lock(name);
      const version = await this.models.findAlias(name, alias);
      if (version === undefined) return;
      await this.models.deleteAlias(name, alias);
      if (alias === CHAMPION) await this.follow.execute(pointer, { label: 'champion deleted', version }, by);
    });
  }
}
