import type { ModelDeployed, ModelPromoted } from '#contracts';
import type { Clock } from '#runtime';
import type { Deployments } from './deployments.js';
import type { Step } from './step-failed.js';

/** What there is to say of one model. */
export interface ModelFacts {
  /** What answers now; `lost` when its worker died. */
  active: { promoted: ModelPromoted; lost: boolean } | undefined;
  /** What should; null for nothing. */
  target: ModelPromoted | null;
  /** Why the target does not, when its load failed. */
  failed: { step: Step; reason: string } | undefined;
  swapMs: number | undefined;
}

/** The contract's limit on `reason`. */
const LONGEST_REASON = 2_000;

export const placeOf = ({ version, generation }: ModelPromoted) => ({ version, generation });

/** The word of this replica on one model: told when it changes, and known since when it has been so. */
export class ModelNews {
  private said = '';
  private since: string;

  constructor(
    private readonly predictorId: string,
    private readonly model: string,
    private readonly deployments: Deployments,
    private readonly clock: Clock,
  ) {
    this.since = clock.iso();
  }

  /** True when it was another state than the one told last, and so was told. */
  tell(facts: ModelFacts): boolean {
    const lasting = JSON.stringify({ ...this.state(facts), at: '', since: '' });
    if (lasting === this.said) return false;
    this.said = lasting;
    this.since = this.clock.iso();
    this.deployments.changed(this.state(facts));
    return true;
  }

  /** The same in the words of `model.deployed`. */
  state({ active, target, failed, swapMs }: ModelFacts): ModelDeployed {
    const lost = active?.lost === true;
    const pending = target !== null && active === undefined ? 'The version is being loaded.' : undefined;
    const reason = failed?.reason ?? (lost ? 'The worker that ran the model ended.' : pending);
    return {
      predictorId: this.predictorId,
      model: this.model,
      state: failed !== undefined || lost ? 'failed' : active !== undefined ? 'serving' : 'unloaded',
      active: active === undefined ? null : placeOf(active.promoted),
      target: target === null ? null : placeOf(target),
      ...(failed !== undefined && { step: failed.step }),
      ...(reason !== undefined && { reason: reason.slice(0, LONGEST_REASON) }),
      since: this.since,
      at: this.clock.iso(),
      ...(active !== undefined && swapMs !== undefined && { swapMs }),
    };
  }
}
