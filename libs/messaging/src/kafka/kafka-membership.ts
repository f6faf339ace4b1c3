import type { Admin, Kafka } from 'kafkajs';
import { PlatformError, type Logger } from '#runtime';
import type { SubscriptionSpec } from '../event-bus.js';
import { Membership, type Stay } from '../supervised-subscription.js';
import { groupIdOf, type SessionTimes } from './kafka-client.js';
import { KafkaMember } from './kafka-member.js';
import { isFatal } from './kafka-error.js';
import { offsetsOf } from './kafka-topics.js';

interface MembershipOptions {
  kafka: Kafka;
  /** Asks the bus's admin connection. @throws PlatformError BUS_UNAVAILABLE */
  ask: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>;
  logger: Logger;
  times: SessionTimes;
}

/** One member of a group after the other, each with a consumer of its own. */
export class KafkaMembership extends Membership {
  readonly bus = 'Kafka';
  /** Where each partition ended when this subscription began; survives new consumers. */
  private ends: Map<number, bigint> | undefined;

  constructor(
    private readonly spec: SubscriptionSpec,
    private readonly options: MembershipOptions,
  ) {
    super();
  }

  isFatal(error: unknown): boolean {
    return isFatal(error);
  }

  /** One consumer: from finding the topic to its crash, or to closing. */
  async stay({ closing, joined, caughtUp }: Stay): Promise<void> {
    const { topic, group, from } = this.spec;
    const offsets = await unlessClosing(
      this.options.ask((admin) => offsetsOf(admin, topic)),
      closing,
    );
    this.ends ??= new Map(offsets.map(({ partition, high }) => [partition, high]));
    if (from === 'end') await unlessClosing(this.fixEnd(), closing);
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
      caughtUp,
      closing,
    });
    await member.run(joined);
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

/** A question to a broker that hangs is not waited for by one who closes. */
const unlessClosing = <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      reject(new PlatformError('SHUTTING_DOWN'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
