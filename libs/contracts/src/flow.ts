import { modelDeployed } from './events/model-deployed.js';
import { modelPromoted } from './events/model-promoted.js';
import { modelRegistered } from './events/model-registered.js';
import { trainingCancelRequested } from './events/training-cancel-requested.js';
import { trainingCompleted } from './events/training-completed.js';
import { trainingProgressed } from './events/training-progressed.js';
import { trainingRequested } from './events/training-requested.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * THE table: every event is one topic of the same name. `from` says it, each of `to` hears it; `client` is any producer.
 * `cleanup: 'compact'` keeps the latest record of each key for ever; `'compact,delete'` does so for `retentionMs` only.
 */
export const flow = {
  'training.requested': {
    says: 'Someone asks for a model to be trained.',
    from: 'client',
    to: ['trainer', 'registry'],
    key: 'model name',
    partitions: 12,
    cleanup: 'delete',
    retentionMs: 7 * DAY_MS,
    schema: trainingRequested,
  },
  'training.cancel-requested': {
    says: 'Someone no longer wants a training that was asked for.',
    from: 'registry',
    to: ['trainer'],
    key: 'request id',
    partitions: 3,
    cleanup: 'delete',
    retentionMs: DAY_MS,
    schema: trainingCancelRequested,
  },
  'training.progressed': {
    says: 'A training job changed its state or came a step further.',
    from: 'trainer',
    to: ['registry'],
    key: 'request id',
    partitions: 12,
    cleanup: 'delete',
    retentionMs: HOUR_MS,
    schema: trainingProgressed,
  },
  'training.completed': {
    says: 'A training request is over, whatever the outcome.',
    from: 'trainer',
    to: ['registry'],
    key: 'model name',
    partitions: 12,
    cleanup: 'delete',
    retentionMs: 7 * DAY_MS,
    schema: trainingCompleted,
  },
  'model.registered': {
    says: 'A model version exists and is frozen; the promotion policy decides what follows.',
    from: 'registry',
    to: ['registry', 'trainer'],
    key: 'model name',
    partitions: 6,
    cleanup: 'delete',
    retentionMs: 30 * DAY_MS,
    schema: modelRegistered,
  },
  'model.promoted': {
    says: 'This version is the one to serve; a null value retires the model.',
    from: 'registry',
    to: ['predictor'],
    key: 'model name',
    partitions: 6,
    cleanup: 'compact',
    retentionMs: -1,
    schema: modelPromoted,
  },
  'model.deployed': {
    says: 'One predictor replica tells what it serves of one model, and what went wrong.',
    from: 'predictor',
    to: ['registry'],
    key: 'predictor id + model',
    partitions: 6,
    cleanup: 'compact,delete',
    retentionMs: DAY_MS,
    schema: modelDeployed,
  },
} as const;

export type EventName = keyof typeof flow;

/** The applications that hear events; each has one consumer group and one dead-letter topic per topic. */
export type ConsumerName = 'trainer' | 'registry' | 'predictor';

/** `<topic>.<consumer>.dlt`: where a consumer puts what it gave up on. */
export const deadLetterTopic = (topic: string, consumer: ConsumerName): string => `${topic}.${consumer}.dlt`;

/** A topic to be made at start. `retentionMs` -1 means for ever. */
export interface TopicSpec {
  name: string;
  partitions: number;
  cleanup: 'delete' | 'compact' | 'compact,delete';
  retentionMs: number;
}

/** All topics of the flow with the dead-letter topics of those who hear them. */
export const topics = (): TopicSpec[] =>
  Object.entries(flow).flatMap(([name, { partitions, cleanup, retentionMs, to }]) => [
    { name, partitions, cleanup, retentionMs },
    ...to.map((consumer) => ({
      name: deadLetterTopic(name, consumer),
      partitions: 3,
      cleanup: 'delete' as const,
      retentionMs: 30 * DAY_MS,
    })),
  ]);
