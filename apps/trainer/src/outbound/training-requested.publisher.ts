import type { TrainingRequested } from '#contracts';
import type { EventPublisher } from '#messaging';
import type { Clock } from '#runtime';
import { TrainingWishes } from '../core/convert-model.js';

/** Publishes `training.requested`. Rejects when the bus is away, so that what caused the wish is heard again. */
export class TrainingRequestedPublisher extends TrainingWishes {
  constructor(
    private readonly publisher: EventPublisher,
    private readonly clock: Clock,
  ) {
    super();
  }

  async ask(id: string, request: TrainingRequested): Promise<void> {
    await this.publisher.publish('training.requested', request.model, {
      id,
      source: '/baton/trainer',
      type: 'training.requested',
      subject: request.model,
      time: this.clock.iso(),
      data: request,
    });
  }
}
