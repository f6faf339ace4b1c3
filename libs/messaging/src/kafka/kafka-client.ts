import { Kafka, logLevel, Partitioners, type ConsumerConfig, type ISocketFactory, type ProducerConfig } from 'kafkajs';
import type { Logger } from '#runtime';
import { fixRequestQueue } from './request-queue-fix.js';

/** The longest a broker keeps a fetch open when there is nothing to read. */
export const MAX_WAIT_MS = 1_000;

/** Partitions handled at a time by one member; above the widest topic of the flow. */
export const CONCURRENT_PARTITIONS = 16;

/** kafkajs warns and retries a lot on its own; what matters comes to us as an error and is logged there, in our words. */
const quiet = (logger: Logger) => () => (entry: { namespace: string; log: { message: string } }) => {
  logger.debug(`kafkajs ${entry.namespace}: ${entry.log.message}`);
};

export const kafkaClient = (
  brokers: string[],
  clientId: string,
  logger: Logger,
  socketFactory?: ISocketFactory,
): Kafka => {
  fixRequestQueue();
  return new Kafka({
    brokers,
    clientId,
    // The default of one second is shorter than many a first connection through a proxy.
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5 },
    socketFactory,
    logLevel: logLevel.WARN,
    logCreator: quiet(logger),
  });
};

/** Transactions and the idempotent producer of kafkajs are not to be trusted: one send in flight, acknowledged by all replicas. */
export const producerConfig: ProducerConfig = {
  allowAutoTopicCreation: false,
  idempotent: false,
  maxInFlightRequests: 1,
  createPartitioner: Partitioners.DefaultPartitioner,
};

export interface SessionTimes {
  sessionMs: number;
  heartbeatMs: number;
}

export const defaultTimes: SessionTimes = { sessionMs: 30_000, heartbeatMs: 3_000 };

/**
 * The name of a group on the broker. kafkajs's leader deals out its own topics to every member, so members of one Kafka
 * group must all follow the same: each topic that a group of ours follows is a Kafka group of its own.
 */
export const groupIdOf = (group: string, topic: string): string => `${group}.${topic}`;

export const consumerConfig = (groupId: string, { sessionMs, heartbeatMs }: SessionTimes): ConsumerConfig => ({
  groupId,
  allowAutoTopicCreation: false,
  sessionTimeout: sessionMs,
  rebalanceTimeout: Math.max(60_000, sessionMs),
  heartbeatInterval: heartbeatMs,
  maxWaitTimeInMs: MAX_WAIT_MS,
  // The supervisor of the subscription makes a new consumer; two that restart would be two members.
  retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5, restartOnFailure: () => Promise.resolve(false) },
});
