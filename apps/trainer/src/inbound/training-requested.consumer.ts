import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, TrainingRequested } from '#contracts';
import { PlatformError } from '#runtime';
import { TakeRequest } from '../core/take-request.js';

/** Makes a request a durable job and acknowledges it: nothing long sits in a handler. */
@Controller()
export class TrainingRequestedConsumer {
  constructor(@Inject(TakeRequest) private readonly take: TakeRequest) {}

  @EventPattern<string>('training.requested')
  async on(@Payload() event: CloudEvent<TrainingRequested | null>): Promise<void> {
    const { data } = event;
    if (data === null) throw new PlatformError('EVENT_INVALID', 'A training request has a value.');
    await this.take.execute({ ...event, data });
  }
}
