import { writeEvent, type CloudEvent, type TrainingCancelRequested, type TrainingRequested } from '#contracts';
import { TrainingAnnouncements } from '../core/announcements.js';
import type { Outbox } from './outbox.js';
import type { TrainingCancelRequestedRelay } from './training-cancel-requested.relay.js';

/** Says `training.requested` as any producer would, for those who ask by our HTTP API; we hear it again ourselves. */
export class TrainingRequestedRelay extends TrainingAnnouncements {
  constructor(
    private readonly outbox: Outbox,
    private readonly cancellations: TrainingCancelRequestedRelay,
  ) {
    super();
  }

  requested(event: CloudEvent<TrainingRequested>): Promise<void> {
    return this.outbox.add(writeEvent('training.requested', event.data.model, event));
  }

  cancelRequested(event: TrainingCancelRequested, at: string): Promise<void> {
    return this.cancellations.say(event, at);
  }
}
