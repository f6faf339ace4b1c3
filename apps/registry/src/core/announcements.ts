import type {
  CloudEvent,
  ModelPromoted,
  ModelRegistered,
  TrainingCancelRequested,
  TrainingRequested,
} from '#contracts';

/** The CloudEvents source of everything the registry says. */
export const SOURCE = '/baton/registry';

/** Says who serves what: written in the transaction that decided it, sent by the outbox. */
export abstract class PromotionAnnouncements {
  abstract promoted(event: ModelPromoted): Promise<void>;
  /** A tombstone: the model is no longer to be served. */
  abstract retired(model: string, generation: number, at: string): Promise<void>;
}

export abstract class RegistrationAnnouncements {
  abstract registered(event: ModelRegistered): Promise<void>;
}

export abstract class TrainingAnnouncements {
  abstract requested(event: CloudEvent<TrainingRequested>): Promise<void>;
  abstract cancelRequested(event: TrainingCancelRequested, at: string): Promise<void>;
}
