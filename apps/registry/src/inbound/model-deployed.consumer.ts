import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, ModelDeployed } from '#contracts';
import { Fleet } from '../core/fleet.js';
import { HearEvent } from '../core/hear-event.js';

/** The fleet: the last word of every replica. Restatements keep a replica alive and are no news for the feed. */
@Controller()
export class ModelDeployedConsumer {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(HearEvent) private readonly hear: HearEvent,
  ) {}

  @EventPattern<string>('model.deployed')
  async on(@Payload() event: CloudEvent<ModelDeployed | null>): Promise<void> {
    const { data } = event;
    if (data === null) return;
    if (await this.fleet.restated(data)) {
      this.hear.counted('model.deployed');
      return;
    }
    await this.hear.execute(
      'model.deployed',
      event,
      () => this.fleet.heard(data),
      (isNews) => isNews,
    );
  }
}
