import { flow, MalformedEvent, readEvent, sentence } from '#contracts';
import type { CloudEvent, ConsumerName, ErrorTraits, RawRecord } from '#contracts';
import { messageOf, PlatformError, type Clock, type Logger } from '#runtime';
import type { z } from 'zod';
import { deadLetterOf } from './dead-letter.js';
import type { RecordHandler } from './event-bus.js';
import type { EventPublisher } from './event-publisher.js';
import { backoffMs, defaultRetry, environmentRetry, waitBeating, type RetryPolicy } from './retry-policy.js';

export interface EventContext {
  record: RawRecord;
  /** Counted from 1; tries that an unanswering environment cost are not counted. */
  attempt: number;
  /** May be called during long work. */
  heartbeat: () => Promise<void>;
}

/** Told one event whose data follows its schema (null for a tombstone). Resolving is the commit. */
export type EventHandler = (event: CloudEvent, context: EventContext) => Promise<void>;

export interface ShellOptions {
  consumer: ConsumerName;
  handler: EventHandler;
  /** Where dead letters go. */
  publisher: EventPublisher;
  clock: Clock;
  logger: Logger;
  retry?: RetryPolicy;
  /** The wait between two looks at an unanswering environment; never gives up. */
  environment?: RetryPolicy;
}

/**
 * The shell around every handler: bytes → event → schema → handler → retry in place → dead letter → commit. The order of
 * a partition is kept, because the next record waits. It rejects only when `signal` is aborted while it waits: then
 * nothing is committed and the record comes again.
 */
export const handleRecord =
  (options: ShellOptions): RecordHandler =>
  async (record, heartbeat, signal) => {
    const { consumer, publisher, clock, logger, retry = defaultRetry } = options;
    const facts = { topic: record.topic, partition: record.partition, offset: record.offset, consumer };
    const outlasting = <T>(what: string, work: () => Promise<T>, isEnvironment: (error: unknown) => boolean) =>
      outlast(what, work, isEnvironment, { ...options, facts, heartbeat, signal });

    for (let attempt = 1; ; attempt += 1) {
      const error = await outlasting('a handler', () => tried(options, record, attempt, heartbeat), isEnvironmentFault);
      if (error === undefined) return;
      const fault = faultOf(error.thrown);
      if (fault === 'retry' && attempt < retry.attempts) {
        const waitMs = backoffMs(retry, attempt);
        logger.warn('A handler failed; it is tried again.', { ...facts, attempt, waitMs, error: error.thrown });
        await waitBeating(waitMs, heartbeat, signal);
        continue;
      }
      const giveUp = { ...reasonOf(error.thrown), consumer, attempts: attempt, at: clock.iso() };
      logger.error('A record is given up and put on the dead-letter topic.', {
        ...facts,
        ...giveUp,
        error: error.thrown,
      });
      await outlasting(
        'publishing a dead letter',
        async () => {
          await publisher.publishRecord(deadLetterOf(record, giveUp));
          return undefined;
        },
        () => true,
      );
      return;
    }
  };

/** Undefined when the handler resolved; environment faults are thrown on. */
const tried = async (
  { handler }: ShellOptions,
  record: RawRecord,
  attempt: number,
  heartbeat: () => Promise<void>,
): Promise<{ thrown: unknown } | undefined> => {
  try {
    await handler(validEvent(record), { record, attempt, heartbeat });
    return undefined;
  } catch (thrown) {
    if (isEnvironmentFault(thrown)) throw thrown;
    return { thrown };
  }
};

interface Outlasting {
  facts: Record<string, unknown>;
  heartbeat: () => Promise<void>;
  signal: AbortSignal;
  logger: Logger;
  environment?: RetryPolicy;
}

/** Does the work again for as long as the environment is what fails: never past the record, and never silently. */
const outlast = async <T>(
  what: string,
  work: () => Promise<T>,
  isEnvironment: (error: unknown) => boolean,
  { facts, heartbeat, signal, logger, environment = environmentRetry }: Outlasting,
): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await work();
      if (tries > 1) logger.info(`The environment answers again: ${what} went through.`, { ...facts, tries });
      return result;
    } catch (error) {
      if (!isEnvironment(error)) throw error;
      const waitMs = backoffMs(environment, tries);
      logger.error(`The environment does not answer: ${what} waits.`, { ...facts, tries, waitMs, error });
      await waitBeating(waitMs, heartbeat, signal);
    }
  }
};

/** @throws PlatformError EVENT_MALFORMED or EVENT_INVALID, whose detail names each broken field. */
const validEvent = (record: RawRecord): CloudEvent => {
  const event = readable(record);
  const schema = schemaOf(record.topic);
  if (schema === undefined || event.data === null) return checkedTombstone(record, event);
  const parsed = schema.safeParse(event.data);
  if (!parsed.success) throw new PlatformError('EVENT_INVALID', sentence(parsed.error), parsed.error);
  return { ...event, data: parsed.data };
};

/** Only a compacted topic knows tombstones, and only a null value is one: the JSON word `null` would not be compacted away. */
const checkedTombstone = (record: RawRecord, event: CloudEvent): CloudEvent => {
  const topic = flowOf(record.topic);
  if (topic === undefined || event.data !== null) return event;
  if (topic.cleanup === 'delete')
    throw new PlatformError('EVENT_INVALID', 'the value: is null, but this topic has no tombstones');
  if (record.value !== null)
    throw new PlatformError('EVENT_INVALID', 'the value: is JSON null; a tombstone is a record without a value');
  return event;
};

const readable = (record: RawRecord): CloudEvent => {
  try {
    return readEvent(record);
  } catch (error) {
    if (error instanceof MalformedEvent) throw new PlatformError('EVENT_MALFORMED', error.message, error);
    throw error;
  }
};

const flowOf = (topic: string): { cleanup: string; schema: z.ZodType } | undefined =>
  Object.hasOwn(flow, topic) ? flow[topic as keyof typeof flow] : undefined;

const schemaOf = (topic: string): z.ZodType | undefined => flowOf(topic)?.schema;

/** What nobody foresaw is tried again: it may pass, and if not, the dead letter keeps it. */
const faultOf = (error: unknown): ErrorTraits['fault'] =>
  error instanceof PlatformError ? error.traits.fault : 'retry';

const isEnvironmentFault = (error: unknown): boolean => faultOf(error) === 'environment';

const reasonOf = (error: unknown): { code: string; reason: string } =>
  error instanceof PlatformError
    ? { code: error.code, reason: error.detail }
    : { code: 'INTERNAL', reason: messageOf(error) };
