import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Consumer } from 'kafkajs';

const TOPIC = 'model.promoted';
/** Stands for the generation of a tombstone. */
export const RETIRED = -1;

interface Promoted {
  generation: number;
  at: number;
}

/** Hears `model.promoted` of one model, as a predictor does, and notes when. */
export class PromotedEvents {
  private readonly heard = new Map<number, number>();
  private waiting: { generation: number; resolve: (heard: Promoted) => void } | undefined;

  private constructor(private readonly consumer: Consumer) {}

  static async follow(brokers: string, model: string): Promise<PromotedEvents> {
    const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'baton-bench', logLevel: logLevel.ERROR });
    const groupId = `bench-${model}`;
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 1000 });
    const events = new PromotedEvents(consumer);
    await untilThere(kafka);
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: TOPIC, fromBeginning: false });
      const joined = new Promise<void>((resolve) =>
        consumer.on(consumer.events.GROUP_JOIN, () => {
          resolve();
        }),
      );
      await consumer.run({
        partitionsConsumedConcurrently: 6,
        eachMessage: ({ message }) => {
          if (message.key?.toString('utf8') === model)
            events.note(
              message.value === null ? RETIRED : (JSON.parse(message.value.toString('utf8')) as Promoted).generation,
              performance.now(),
            );
          return Promise.resolve();
        },
      });
      await joined;
    } catch (error) {
      await consumer.disconnect();
      throw error;
    }
    return events;
  }

  /** When the event of this generation came, by this process's clock. */
  arrival(generation: number, timeoutMs: number): Promise<number> {
    const at = this.heard.get(generation);
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`No ${TOPIC} of generation ${String(generation)} in ${String(timeoutMs)} ms.`));
      }, timeoutMs);
      this.waiting = {
        generation,
        resolve: (heard) => {
          clearTimeout(timer);
          resolve(heard.at);
        },
      };
    });
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
  }

  private note(generation: number, at: number): void {
    this.heard.set(generation, at);
    if (this.waiting?.generation !== generation) return;
    this.waiting.resolve({ generation, at });
    this.waiting = undefined;
  }
}

/** The registry makes its topics after it listens. */
const untilThere = async (kafka: Kafka): Promise<void> => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const deadline = Date.now() + 30_000;
    while (!(await admin.listTopics()).includes(TOPIC)) {
      if (Date.now() > deadline) throw new Error(`There is no topic ${TOPIC} on this Kafka.`);
      await sleep(200);
    }
  } finally {
    await admin.disconnect();
  }
};
