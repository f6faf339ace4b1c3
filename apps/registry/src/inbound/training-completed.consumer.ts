import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, TrainingCompleted } from '#contracts';
import { HearEvent } from '../core/hear-event.js';
import { TrainingAttempts } from '../core/training-attempts.js';
import { TrainingRequests } from '../core/training-requests.js';

@Controller()
export class TrainingCompletedConsumer {
  constructor(
    @Inject(TrainingRequests) private readonly requests: TrainingRequests,
    @Inject(TrainingAttempts) private readonly attempts: TrainingAttempts,
    @Inject(HearEvent) private readonly hear: HearEvent,
  ) {}

  @EventPattern<string>('training.completed')
  async on(@Payload() event: CloudEvent<TrainingCompleted>): Promise<void> {
    await this.hear.execute('training.completed', event, async () => {
      await this.requests.completed(event.data);
      await this.attempts.close(event.data.requestId);
    });
  }
}
