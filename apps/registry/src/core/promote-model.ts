import { PlatformError } from '#runtime';
import type { MoveOutcome, MovePointer, Why } from './move-pointer.js';
import type { Promotions } from './promotions.js';
import { CHAMPION, type ModelVersion, type ModelVersions, type RegisteredModels } from './registered-models.js';
import type { Transactions } from './transactions.js';

export interface PromotionWish extends Why {
  model: string;
  version: number;
}

/**
 * Our own doors to promotion: a person, the policy, a rollback. Beside the pointer they move MLflow's labels, so that
 * `models:/X/Production`, `models:/X@champion` and what is served are one version. Labels move when the pointer does: a
 * version that has no ONNX file yet waits, and so do they. Promoting the present version again is a new generation when a
 * person asks for it; predictors that serve it go on with it under that generation.
 */
export class PromoteModel {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly versions: ModelVersions,
    private readonly models: RegisteredModels,
    private readonly move: MovePointer,
  ) {}

  /** @throws PlatformError VERSION_NOT_FOUND; VERSION_NOT_SERVABLE for a rollback, which must take effect at once. */
  execute({ model, version: number, ...why }: PromotionWish): Promise<MoveOutcome> {
    return this.transactions.run(async () => {
      const pointer = await this.promotions.lock(model);
      const version = await this.versions.get(model, number);
      if (why.cause === 'rollback' && !version.frozen.servable) throw notServable(version, version.frozen.reason);
      const outcome = await this.move.to(pointer, version, why, why.cause === 'request' || why.cause === 'rollback');
      if (outcome.pending === undefined) await this.agree(model, number);
      return outcome;
    });
  }

  /** Lets MLflow's labels name this version and no other. */
  private async agree(model: string, version: number): Promise<void> {
    await this.versions.archiveOthers(model, version, 'Production');
    await this.versions.setStage(model, version, 'Production');
    await this.models.setAlias(model, CHAMPION, version);
  }
}

const notServable = ({ name, version }: ModelVersion, reason: string): PlatformError =>
  new PlatformError('VERSION_NOT_SERVABLE', `Version ${String(version)} of ${name} can not be served: ${reason}.`);
