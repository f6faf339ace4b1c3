import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, TrainingCompleted } from '#contracts';
import { HearEvent } from '../core/hear-event.js';
import { TrainingRequests } from '../core/training-requests.js';

@Controller()
export class TrainingCompletedConsumer {
  constructor(
    @Inject(TrainingRequests) private readonly requests: TrainingRequests,
    @Inject(HearEvent) private readonly hear: HearEvent,
  ) {}

  @EventPattern<string>('training.completed')
  async on(@Payload() event: CloudEvent<TrainingCompleted>): Promise<void> {
    await this.hear.execute('training.completed', event, () => this.requests.completed(event.data));
  }
}
