import type { ModelRegistered } from '#contracts';
import { PlatformError, type Clock } from '#runtime';
import type { PromoteModel } from './promote-model.js';
import { decideByPolicy } from './promotion-policy.js';
import type { PolicyDecision, PromotionPolicies, Promotions } from './promotions.js';
import type { ModelVersions } from './registered-models.js';
import type { Transactions } from './transactions.js';

/** Decides once about each registration that was heard; redelivery finds the decision and leaves it. */
export class ApplyPromotionPolicy {
  constructor(
    private readonly transactions: Transactions,
    private readonly promotions: Promotions,
    private readonly policies: PromotionPolicies,
    private readonly versions: ModelVersions,
    private readonly promote: PromoteModel,
    private readonly clock: Clock,
  ) {}

  execute(eventId: string, event: ModelRegistered): Promise<PolicyDecision> {
    return this.transactions.run(async () => {
      const { model, version } = event;
      const pointer = await this.promotions.lock(model);
      const earlier = await this.policies.findDecision(model, version, eventId);
      if (earlier !== undefined) return earlier;
      const gone = await this.isGone(model, version);
      const answer = gone
        ? { promote: false, reason: 'the version was deleted meanwhile' }
        : decideByPolicy({
            policy: await this.policies.find(model),
            candidate: event,
            production: pointer.version === null ? undefined : await this.reigning(model, pointer.version),
          });
      if (answer.promote)
        await this.promote.execute({ model, version, cause: 'policy', promotedBy: 'policy', reason: answer.reason });
      const decision = { eventId, name: model, version, promoted: answer.promote, reason: answer.reason };
      const decided = { ...decision, decidedAt: this.clock.iso() };
      await this.policies.decided(decided);
      return decided;
    });
  }

  private async reigning(model: string, version: number) {
    return { version, metrics: await this.versions.metricsOf(model, version) };
  }

  private async isGone(model: string, version: number): Promise<boolean> {
    try {
      await this.versions.get(model, version);
      return false;
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'VERSION_NOT_FOUND') return true;
      throw error;
    }
  }
}
