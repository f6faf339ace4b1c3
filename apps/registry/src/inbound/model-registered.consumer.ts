import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, ModelRegistered } from '#contracts';
import { Metrics } from '#runtime';
import { ApplyPromotionPolicy } from '../core/apply-promotion-policy.js';
import { HearEvent } from '../core/hear-event.js';

/** Whoever made the version, the promotion policy decides here whether it is served. */
@Controller()
export class ModelRegisteredConsumer {
  constructor(
    @Inject(ApplyPromotionPolicy) private readonly policy: ApplyPromotionPolicy,
    @Inject(HearEvent) private readonly hear: HearEvent,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @EventPattern<string>('model.registered')
  async on(@Payload() event: CloudEvent<ModelRegistered>): Promise<void> {
    const decision = await this.hear.execute('model.registered', event, () =>
      this.policy.execute(event.id, event.data),
    );
    this.metrics.count('baton_registry_policy_decisions_total', { promoted: String(decision.promoted) });
  }
}
