import { messageOf, PlatformError } from '#runtime';

/** kafkajs wraps errors in errors; the protocol's own name is somewhere below. */
const chainOf = (error: unknown): { name?: string; type?: string }[] =>
  typeof error === 'object' && error !== null
    ? [
        error,
        ...chainOf('cause' in error ? error.cause : undefined),
        ...chainOf('errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined),
      ]
    : [];

const isOneOf = (error: unknown, names: readonly string[]): boolean =>
  chainOf(error).some(({ name, type }) => names.includes(type ?? '') || names.includes(name ?? ''));

/** What a failed publish or admin call means. */
export const kafkaError = (error: unknown): PlatformError => {
  if (error instanceof PlatformError) return error;
  if (isOneOf(error, ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']))
    return new PlatformError('PAYLOAD_TOO_LARGE', 'The record is larger than the broker allows.', error);
  if (isUnknownTopic(error))
    return new PlatformError(
      'BUS_UNAVAILABLE',
      'The topic does not exist; the registry makes the topics at its start.',
      error,
    );
  return new PlatformError('BUS_UNAVAILABLE', `Kafka does not answer: ${messageOf(error)}.`, error);
};

export const isUnknownTopic = (error: unknown): boolean => isOneOf(error, ['UNKNOWN_TOPIC_OR_PARTITION']);

/** Passes by itself within moments. */
export const isElection = (error: unknown): boolean =>
  isOneOf(error, ['LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION', 'REPLICA_NOT_AVAILABLE']);

/** This member's place is lost: kafkajs must see the error, to join again. */
export const isPlaceLost = (error: unknown): boolean =>
  isOneOf(error, [
    'REBALANCE_IN_PROGRESS',
    'NOT_COORDINATOR_FOR_GROUP',
    'ILLEGAL_GENERATION',
    'UNKNOWN_MEMBER_ID',
    'FENCED_INSTANCE_ID',
  ]);

/** No new consumer would fare better: a codec that kafkajs lacks, credentials, rights. */
export const isFatal = (error: unknown): boolean =>
  isOneOf(error, [
    'KafkaJSNotImplemented',
    'KafkaJSSASLAuthenticationError',
    'TOPIC_AUTHORIZATION_FAILED',
    'GROUP_AUTHORIZATION_FAILED',
    'INVALID_GROUP_ID',
  ]);
