import { writeEvent, type OutgoingRecord, type TrainingCompleted } from '#contracts';
import { requestIdOf } from '#runtime';

/** One row of an outbox, in Debezium's columns. */
export interface OutboxRow {
  id: string;
  aggregatetype: string;
  aggregateid: string;
  type: string;
  payload: unknown;
  headers: Record<string, string>;
}

/**
 * What is put into the outbox when a job ends. The event's id is derived from the request: a request is completed once,
 * and the outbox's primary key holds that.
 */
export const trainingCompletedRecord = (completed: TrainingCompleted): OutgoingRecord =>
  writeEvent('training.completed', completed.model, {
    id: requestIdOf('training.completed', completed.requestId),
    source: '/baton/trainer',
    type: 'training.completed',
    subject: completed.requestId,
    time: completed.endedAt,
    data: completed,
  });
