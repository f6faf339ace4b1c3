import type { ModelRegistered } from '#contracts';
import { PlatformError, type Clock } from '#runtime';
import type { PromoteModel } from './promote-model.js';
import { decideByPolicy, type PolicyAnswer } from './promotion-policy.js';
import type { Pointer, PolicyDecision, PromotionPolicies, Promotions } from './promotions.js';
import type { ModelVersion, ModelVersions } from './registered-models.js';
import { areCut } from './told-metrics.js';
import type { Transactions } from './transactions.js';

/** What is decided about: a registration as it was announced, or the same version once its ONNX file came. */
export type PolicyCandidate = Omit<ModelRegistered, 'registeredAt' | 'source' | 'runId'>;

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

  execute(eventId: string, candidate: PolicyCandidate): Promise<PolicyDecision> {
    return this.transactions.run(async () => {
      const { model: name, version } = candidate;
      const pointer = await this.promotions.lock(name);
      const earlier = await this.policies.findDecision(name, version, eventId);
      if (earlier !== undefined) return earlier;
      const found = await this.find(name, version);
      const answer: PolicyAnswer =
        found === undefined
          ? { step: 'leave', reason: 'the version was deleted meanwhile' }
          : await this.decide(pointer, found, candidate);
      const { outcome, reason } = await this.take(answer, name, version);
      const decision = { eventId, name, version, outcome, promoted: outcome === 'promoted', reason };
      const decided = { ...decision, decidedAt: this.clock.iso() };
      await this.policies.decided(decided);
      return decided;
    });
  }

  private async decide(pointer: Pointer, found: ModelVersion, candidate: PolicyCandidate): Promise<PolicyAnswer> {
    const { name, stage, version } = found;
    const all = areCut(candidate.metrics) ? await this.versions.metricsOf(name, version) : {};
    return decideByPolicy({
      policy: await this.policies.find(name),
      candidate: { ...candidate, metrics: { ...all, ...candidate.metrics } },
      stage,
      production: pointer.version === null ? undefined : await this.reigning(name, pointer.version),
      pending: pointer.pending?.version,
      staging: await this.versions.newestIn(name, 'Staging'),
    });
  }

  private async take(
    { step, reason }: PolicyAnswer,
    model: string,
    version: number,
  ): Promise<Pick<PolicyDecision, 'outcome' | 'reason'>> {
    switch (step) {
      case 'leave':
        return { outcome: 'left', reason };
      case 'stage':
        // As with Production: `models:/X/Staging` names one version.
        await this.versions.archiveOthers(model, version, 'Staging');
        await this.versions.setStage(model, version, 'Staging');
        return { outcome: 'staged', reason };
      case 'promote': {
        const why = { cause: 'policy', promotedBy: 'policy', reason } as const;
        const { pending } = await this.promote.execute({ model, version, ...why });
        return pending === undefined
          ? { outcome: 'promoted', reason }
          : { outcome: 'pending', reason: `${reason}; it waits for an ONNX file` };
      }
    }
  }

  private async reigning(model: string, version: number) {
    const found = await this.find(model, version);
    const signature = found?.frozen.servable === true ? found.frozen.signature : undefined;
    return { version, metrics: await this.versions.metricsOf(model, version), ...(signature && { signature }) };
  }

  private async find(model: string, version: number): Promise<ModelVersion | undefined> {
    try {
      return await this.versions.get(model, version);
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'VERSION_NOT_FOUND') return undefined;
      throw error;
    }
  }
}
