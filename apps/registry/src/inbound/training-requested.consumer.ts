import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, TrainingRequested } from '#contracts';
import { requestIdOf } from '#runtime';
import { HearEvent } from '../core/hear-event.js';
import { TrainingRequests } from '../core/training-requests.js';

/** The list of requests shows those of every producer. */
@Controller()
export class TrainingRequestedConsumer {
  constructor(
    @Inject(TrainingRequests) private readonly requests: TrainingRequests,
    @Inject(HearEvent) private readonly hear: HearEvent,
  ) {}

  @EventPattern<string>('training.requested')
  async on(@Payload() event: CloudEvent<TrainingRequested>): Promise<void> {
    await this.hear.execute('training.requested', event, () =>
      this.requests.requested(requestIdOf(event.source, event.id), event.source, event.data, event.time),
    );
  }
}
