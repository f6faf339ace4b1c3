import { randomUUID } from 'node:crypto';
import { writeEvent, type ModelRegistered } from '#contracts';
import { RegistrationAnnouncements, SOURCE } from '../core/announcements.js';
import type { Outbox } from './outbox.js';

/** Says `model.registered`, once per version. */
export class ModelRegisteredRelay extends RegistrationAnnouncements {
  constructor(private readonly outbox: Outbox) {
    super();
  }

  registered(registration: ModelRegistered): Promise<void> {
    return this.outbox.add(
      writeEvent('model.registered', registration.model, {
        id: randomUUID(),
        source: SOURCE,
        type: 'model.registered',
        subject: registration.model,
        time: registration.registeredAt,
        data: registration,
      }),
    );
  }
}
