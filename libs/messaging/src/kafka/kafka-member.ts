import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { messageOf, type Logger } from '#runtime';
import { deferred } from '../deferred.js';
import type { RecordHandler } from '../event-bus.js';
import { HandlerFailed } from '../supervised-subscription.js';
import { CaughtUpTracker } from './caught-up.js';
import { CONCURRENT_PARTITIONS, consumerConfig, groupIdOf, type SessionTimes } from './kafka-client.js';
import { FAREWELL_MS, within } from '../farewell.js';
import { isPlaceLost } from './kafka-error.js';
import { recordOf } from './kafka-record.js';
import { offsetsOf } from './kafka-topics.js';

interface MemberOptions {
  kafka: Kafka;
  ask: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>;
  logger: Logger;
  times: SessionTimes;
  topic: string;
  group: string;
  fromStart: boolean;
  handler: RecordHandler;
  ends: Map<number, bigint>;
  caughtUp: () => void;
  closing: AbortSignal;
}

/** How often the group's commits and the log's beginning are asked for while catching up. */
const LOOK_MS = 1_000;

/** One kafkajs consumer, from joining to its crash or close. */
export class KafkaMember {
  private readonly consumer: Consumer;
  private readonly tracker: CaughtUpTracker;
  private readonly crashed = deferred();
  private readonly working = new Set<Promise<void>>();
  private failed: HandlerFailed | undefined;

  private readonly groupId: string;

  constructor(private readonly options: MemberOptions) {
    this.groupId = groupIdOf(options.group, options.topic);
    this.consumer = options.kafka.consumer(consumerConfig(this.groupId, options.times));
    this.tracker = new CaughtUpTracker(options.ends);
    const { GROUP_JOIN, FETCH, FETCH_START, START_BATCH_PROCESS, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.tracker.assignedTo(payload.memberAssignment[options.topic] ?? []);
    });
    this.consumer.on(FETCH, ({ payload }) => {
      this.tracker.fetched(payload);
    });
    this.consumer.on(FETCH_START, ({ payload }) => {
      this.tracker.fetchStarts(payload);
      this.tellCaughtUp();
    });
    this.consumer.on(START_BATCH_PROCESS, () => {
      this.tracker.batchBegan();
    });
    // A crash leaves the process alive and deaf: nothing but this event tells of it.
    this.consumer.on(CRASH, ({ payload }) => {
      this.crashed.reject(this.failed ?? payload.error);
    });
  }

  /** @throws HandlerFailed or what kafkajs crashed with. Resolves when it was closed. */
  async run(joined: () => void): Promise<void> {
    const { closing } = this.options;
    const closed = new Promise<void>((resolve) => {
      if (closing.aborted) resolve();
      closing.addEventListener('abort', () => {
        resolve();
      });
    });
    const look = setInterval(() => void this.look(), LOOK_MS);
    const begun = this.begin();
    try {
      await Promise.race([begun, closed]);
      const isUp = await Promise.race([this.crashed.promise, Promise.resolve(!closing.aborted)]);
      if (isUp === true) joined();
      void this.look();
      await Promise.race([closed, this.crashed.promise]);
    } finally {
      clearInterval(look);
      await this.leave(begun);
    }
  }

  private async begin(): Promise<void> {
    const { topic, fromStart } = this.options;
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [topic], fromBeginning: fromStart });
    await this.consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: (batch) => {
        const work = this.work(batch).finally(() => this.working.delete(work));
        this.working.add(work);
        return work;
      },
    });
  }

  /**
   * Waits for the handlers, and a moment for the broker: one that hangs, or lets this member wait for the others of its
   * group to join, may take a minute, and whoever closes has no minute.
   */
  private async leave(begun: Promise<void>): Promise<void> {
    const disconnected = this.consumer.disconnect().catch(() => undefined);
    // One that was still joining may come up later: nobody would end it.
    begun.then(() => this.consumer.disconnect()).catch(() => undefined);
    await Promise.allSettled([...this.working]);
    await within(FAREWELL_MS, disconnected);
  }

  private async work(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const place = this.guardPlace(payload);
    try {
      for (const message of batch.messages) {
        if (!payload.isRunning() || payload.isStale() || place.signal.aborted) break;
        await this.handle(payload, message, place.signal);
        const next = BigInt(message.offset) + 1n;
        payload.resolveOffset(message.offset);
        await this.commit(payload, next);
        this.tracker.reached(batch.partition, next);
        this.tellCaughtUp();
      }
      place.throwIfLost();
    } finally {
      place.release();
    }
  }

  private async handle(
    payload: EachBatchPayload,
    message: EachBatchPayload['batch']['messages'][number],
    signal: AbortSignal,
  ): Promise<void> {
    const { batch } = payload;
    const beat = async () => {
      try {
        await payload.heartbeat();
      } catch (error) {
        if (isPlaceLost(error)) throw error;
      }
    };
    try {
      await this.options.handler(recordOf(batch.topic, batch.partition, message), beat, signal);
    } catch (error) {
      if (signal.aborted || isPlaceLost(error)) throw error;
      this.failed = new HandlerFailed(error);
      throw this.failed;
    }
  }

  /** After each record: kafkajs would commit at the end of a batch, and a crash would repeat all of it. */
  private async commit(payload: EachBatchPayload, next: bigint): Promise<void> {
    const { topic, partition } = payload.batch;
    await payload.commitOffsetsIfNecessary({
      topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
    });
  }

  /** kafkajs beats between records only: this does while one is worked on, and notices when the place was given to another. */
  private guardPlace(payload: EachBatchPayload) {
    const { closing, times, logger } = this.options;
    const lost = new AbortController();
    const timer = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        if (isPlaceLost(error)) lost.abort(error);
        else logger.debug('A heartbeat failed.', { partition: payload.batch.partition, error: messageOf(error) });
      });
    }, times.heartbeatMs);
    return {
      signal: AbortSignal.any([lost.signal, closing]),
      throwIfLost: () => {
        lost.signal.throwIfAborted();
      },
      release: () => {
        clearInterval(timer);
      },
    };
  }

  /** Partitions of other members, and those whose records are gone: the commits and the log's beginning know. */
  private async look(): Promise<void> {
    const { ask, group, topic, logger } = this.options;
    if (this.tracker.isCaughtUp) {
      this.tellCaughtUp();
      return;
    }
    try {
      const [begins, [committed]] = await ask((admin) =>
        Promise.all([offsetsOf(admin, topic), admin.fetchOffsets({ groupId: this.groupId, topics: [topic] })]),
      );
      for (const { partition, low } of begins) this.tracker.reached(partition, low);
      for (const { partition, offset } of committed.partitions) this.tracker.reached(partition, BigInt(offset));
    } catch (error) {
      logger.debug('Asking how far a group has come failed.', { topic, group, error: messageOf(error) });
    }
    this.tellCaughtUp();
  }

  private tellCaughtUp(): void {
    if (this.tracker.isCaughtUp) this.options.caughtUp();
  }
}
