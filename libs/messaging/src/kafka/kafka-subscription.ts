import type { Admin, Kafka } from 'kafkajs';
import { PlatformError, type Logger } from '#runtime';
import { deferred } from '../deferred.js';
import type { Subscription, SubscriptionSpec } from '../event-bus.js';
import { backoffMs, environmentRetry, waitFor } from '../retry-policy.js';
import { groupIdOf, type SessionTimes } from './kafka-client.js';
import { HandlerFailed, KafkaMember } from './kafka-member.js';
import { isFatal } from './kafka-error.js';
import { offsetsOf } from './kafka-topics.js';

interface SubscriptionOptions {
  kafka: Kafka;
  /** Asks the bus's admin connection. @throws PlatformError BUS_UNAVAILABLE */
  ask: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>;
  logger: Logger;
  times: SessionTimes;
}

/** Keeps a member of a group alive: makes a consumer, and a new one whenever it crashed for a reason that may pass. */
export class KafkaSubscription implements Subscription {
  private readonly place = deferred();
  private readonly caught = deferred();
  private readonly ended = deferred();
  private readonly closing = new AbortController();
  /** Where each partition ended when this subscription began; survives new consumers. */
  private ends: Map<number, bigint> | undefined;
  /** Resolves when the place is fixed; rejects when it was given up before, or cannot ever be. */
  readonly joined = this.place.promise;
  readonly caughtUp = this.caught.promise;
  readonly stopped = this.ended.promise;
  private readonly done: Promise<void>;

  constructor(
    private readonly spec: SubscriptionSpec,
    private readonly options: SubscriptionOptions,
  ) {
    spec.signal?.addEventListener('abort', () => void this.close());
    if (spec.signal?.aborted === true) this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    this.done = this.supervise();
  }

  async close(): Promise<void> {
    this.closing.abort(new PlatformError('SHUTTING_DOWN'));
    await this.done;
  }

  private isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  private async supervise(): Promise<void> {
    const { topic, group } = this.spec;
    const { logger } = this.options;
    for (let tries = 1; !this.isClosing(); tries += 1)
      try {
        await this.member(() => {
          tries = 0;
        });
      } catch (error) {
        if (this.isClosing()) break;
        if (error instanceof HandlerFailed || isFatal(error)) {
          const reason = error instanceof HandlerFailed ? error.cause : error;
          this.place.reject(reason);
          this.ended.reject(reason);
          return;
        }
        const waitMs = backoffMs({ ...environmentRetry, maxMs: 5_000 }, Math.max(1, tries));
        logger.warn('A subscription waits for Kafka.', { topic, group, waitMs, error });
        await waitFor(waitMs, this.closing.signal).catch(() => undefined);
      }
    this.place.reject(new PlatformError('SHUTTING_DOWN'));
    this.ended.resolve();
  }

  /** One consumer: from finding the topic to its crash, or to closing. */
  private async member(joined: () => void): Promise<void> {
    const { topic, group, from } = this.spec;
    const offsets = await this.unlessClosing(this.options.ask((admin) => offsetsOf(admin, topic)));
    this.ends ??= new Map(offsets.map(({ partition, high }) => [partition, high]));
    if (from === 'end') await this.unlessClosing(this.fixEnd());
    const member = new KafkaMember({
      kafka: this.options.kafka,
      ask: this.options.ask,
      logger: this.options.logger,
      times: this.options.times,
      topic,
      group,
      fromStart: from === 'start',
      handler: this.spec.handler,
      ends: this.ends,
      caughtUp: this.caught.resolve,
      closing: this.closing.signal,
    });
    await member.run(() => {
      joined();
      this.place.resolve();
    });
  }

  /** A question to a broker that hangs is not waited for by one who closes. */
  private unlessClosing<T>(answer: Promise<T>): Promise<T> {
    const { signal } = this.closing;
    return new Promise((resolve, reject) => {
      const stop = () => {
        reject(new PlatformError('SHUTTING_DOWN'));
      };
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      answer.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', stop);
      });
    });
  }

  /** A group that begins at the end writes that down at once, so that what is said before its first commit is not passed over. */
  private async fixEnd(): Promise<void> {
    const { topic } = this.spec;
    const groupId = groupIdOf(this.spec.group, topic);
    await this.options.ask(async (admin) => {
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const isNew = committed.partitions.every(({ offset }) => offset === '-1');
      const { groups } = await admin.describeGroups([groupId]);
      // Only a group without members can be written to; one with members has its place already.
      if (!isNew || !['Empty', 'Dead'].includes(groups[0].state)) return;
      const partitions = [...(this.ends ?? [])].map(([partition, end]) => ({ partition, offset: String(end) }));
      await admin.setOffsets({ groupId, topic, partitions });
    });
  }
}
