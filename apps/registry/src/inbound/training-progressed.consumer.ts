import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, TrainingProgressed } from '#contracts';
import { HearEvent } from '../core/hear-event.js';
import { TrainingRequests } from '../core/training-requests.js';

@Controller()
export class TrainingProgressedConsumer {
  constructor(
    @Inject(TrainingRequests) private readonly requests: TrainingRequests,
    @Inject(HearEvent) private readonly hear: HearEvent,
  ) {}

  @EventPattern<string>('training.progressed')
  async on(@Payload() event: CloudEvent<TrainingProgressed>): Promise<void> {
    await this.hear.execute('training.progressed', event, () => this.requests.progressed(event.data, event.time));
  }
}
