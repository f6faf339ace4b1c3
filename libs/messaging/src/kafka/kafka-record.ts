import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { RawRecord } from '#contracts';

/** Headers are bytes in Kafka and may repeat; we keep text, and of a repeated one the last. */
export const recordOf = (topic: string, partition: number, message: KafkaMessage): RawRecord => ({
  topic,
  partition,
  offset: message.offset,
  timestamp: Number(message.timestamp),
  key: message.key === null ? null : message.key.toString('utf8'),
  value: message.value === null ? null : new Uint8Array(message.value),
  headers: textHeaders(message.headers ?? {}),
});

const textHeaders = (headers: IHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return last === undefined ? [] : [[name, last.toString()]];
    }),
  );
