import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, TrainingCancelRequested } from '#contracts';
import { PlatformError } from '#runtime';
import { Jobs } from '../core/jobs.js';

/** Passes a wish to cancel on to the job, whether it waits, runs, is over, or has not come yet. */
@Controller()
export class TrainingCancelRequestedConsumer {
  constructor(@Inject(Jobs) private readonly jobs: Jobs) {}

  @EventPattern<string>('training.cancel-requested')
  async on(@Payload() { data }: CloudEvent<TrainingCancelRequested | null>): Promise<void> {
    if (data === null) throw new PlatformError('EVENT_INVALID', 'A cancellation has a value.');
    await this.jobs.cancel(data.requestId, data.reason);
  }
}
