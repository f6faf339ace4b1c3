import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Admin, ISocketFactory, Kafka, Producer } from 'kafkajs';
import type { OutgoingRecord, RawRecord, TopicSpec } from '#contracts';
import { messageOf, PlatformError, type Logger } from '#runtime';
import { EventBus, type Subscription, type SubscriptionSpec } from '../event-bus.js';
import { SupervisedSubscription } from '../supervised-subscription.js';
import { FAREWELL_MS, within } from '../farewell.js';
import { defaultTimes, groupIdOf, kafkaClient, producerConfig, type SessionTimes } from './kafka-client.js';
import { kafkaError } from './kafka-error.js';
import { KafkaMembership } from './kafka-membership.js';
import { createMissingTopics, offsetsOf } from './kafka-topics.js';

export interface KafkaEventBusOptions {
  brokers: string[];
  logger: Logger;
  clientId?: string;
  /** Session timeout and beat of consumers. */
  times?: SessionTimes;
  /** Opens connections; tests of cut lines give one of their own. */
  socket?: (place: { host: string; port: number }) => Socket;
}

const HEALTH_TIMEOUT_MS = 3_000;

/** The bus on Kafka. Connects at first use and again after every loss; no kafkajs type leaves this folder. */
export class KafkaEventBus extends EventBus {
  private readonly kafka: Kafka;
  private readonly subscriptions = new Set<SupervisedSubscription>();
  private producer: Promise<Producer> | undefined;
  private adminClient: Promise<Admin> | undefined;
  /** Sends go one after the other, so that a retried one is never overtaken. */
  private lastPublish: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: KafkaEventBusOptions) {
    super();
    this.kafka = kafkaClient(options.brokers, options.clientId ?? 'baton', options.logger, socketsOf(options.socket));
  }

  publishRecord(record: OutgoingRecord): Promise<void> {
    const said = this.lastPublish.then(() => this.send(record));
    this.lastPublish = said.catch(() => undefined);
    return said;
  }

  /**
   * By a client of its own: two questions at the same time about topics that are not there yet leave one of them in what kafkajs asks
   * for with every request, and the common client could then never make any.
   */
  async ensureTopics(topics: TopicSpec[]): Promise<void> {
    const admin = this.kafka.admin();
    try {
      await createMissingTopics(await this.connected(admin), topics);
    } catch (error) {
      throw kafkaError(error);
    } finally {
      await admin.disconnect();
    }
  }

  async topicNames(): Promise<string[]> {
    const names = await this.ask((admin) => admin.listTopics());
    return names.filter((name) => !name.startsWith('__')).sort();
  }

  async subscribe(spec: SubscriptionSpec): Promise<Subscription> {
    if (this.closed) throw new PlatformError('SHUTTING_DOWN');
    const { logger, times = defaultTimes } = this.options;
    const membership = new KafkaMembership(spec, { kafka: this.kafka, ask: (work) => this.ask(work), logger, times });
    const subscription = new SupervisedSubscription(spec, membership, logger);
    this.subscriptions.add(subscription);
    const forget = () => this.subscriptions.delete(subscription);
    subscription.stopped.then(forget, forget);
    await subscription.joined;
    return subscription;
  }

  /** A group of its own reads the topic and is deleted; kafkajs knows no reading without a group. */
  async *readAll(topic: string): AsyncGenerator<RawRecord> {
    const offsets = await this.ask((admin) => offsetsOf(admin, topic));
    if (offsets.every(({ low, high }) => low >= high)) return;
    const ends = new Map(offsets.map(({ partition, high }) => [partition, high]));
    // By place, because a rebalance may deliver again what was read.
    const read = new Map<string, RawRecord>();
    const group = `baton-read-${randomUUID()}`;
    const subscription = await this.subscribe({
      topic,
      group,
      from: 'start',
      handler: (record) => {
        if (BigInt(record.offset) < (ends.get(record.partition) ?? 0n))
          read.set(`${String(record.partition)}/${record.offset}`, record);
        return Promise.resolve();
      },
    });
    await Promise.race([subscription.caughtUp, subscription.stopped]);
    await subscription.close();
    await this.ask((admin) => admin.deleteGroups([groupIdOf(group, topic)])).catch((error: unknown) => {
      this.options.logger.debug('A throw-away group was left to expire.', { group, error: messageOf(error) });
    });
    yield* [...read.values()].sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
  }

  async healthy(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, HEALTH_TIMEOUT_MS, false);
    });
    const answer = this.ask((admin) => admin.describeCluster()).then(
      ({ brokers }) => brokers.length > 0,
      () => false,
    );
    return Promise.race([answer, late]).finally(() => {
      clearTimeout(timer);
    });
  }

  async stopListening(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.stopListening();
    await within(FAREWELL_MS, this.lastPublish);
    await within(
      FAREWELL_MS,
      Promise.allSettled([
        this.producer?.then((producer) => producer.disconnect()),
        this.adminClient?.then((admin) => admin.disconnect()),
      ]),
    );
  }

  private async send({ topic, key, value, headers }: OutgoingRecord): Promise<void> {
    try {
      const producer = await this.connectedProducer();
      await producer.send({
        topic,
        acks: -1,
        messages: [{ key, value: value === null ? null : Buffer.from(value), headers }],
      });
    } catch (error) {
      throw kafkaError(error);
    }
  }

  private connectedProducer(): Promise<Producer> {
    this.producer ??= this.connected(this.kafka.producer(producerConfig)).catch((error: unknown) => {
      this.producer = undefined;
      throw error;
    });
    return this.producer;
  }

  /** @throws PlatformError BUS_UNAVAILABLE */
  private async ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      this.adminClient ??= this.connected(this.kafka.admin()).catch((error: unknown) => {
        this.adminClient = undefined;
        throw error;
      });
      return await work(await this.adminClient);
    } catch (error) {
      throw kafkaError(error);
    }
  }

  private async connected<C extends { connect(): Promise<void>; disconnect(): Promise<void> }>(client: C): Promise<C> {
    try {
      await client.connect();
    } catch (error) {
      await client.disconnect().catch(() => undefined);
      throw error;
    }
    return client;
  }
}

/** kafkajs waits for `connect` itself; the factory only opens. */
const socketsOf = (open: KafkaEventBusOptions['socket']): ISocketFactory | undefined =>
  open &&
  (({ host, port, onConnect }) => {
    const socket = open({ host, port });
    socket.once('connect', onConnect);
    return socket;
  });
