import { deadLetterTopic, type ConsumerName, type OutgoingRecord, type RawRecord } from '#contracts';

/**
 * Headers that a dead letter carries besides its original ones; the value is the original bytes. All begin with `dlt_`, so
 * that redriving can take exactly them away again.
 */
export const deadLetterHeader = {
  reason: 'dlt_reason',
  code: 'dlt_code',
  attempts: 'dlt_attempts',
  topic: 'dlt_original_topic',
  partition: 'dlt_original_partition',
  offset: 'dlt_original_offset',
  timestamp: 'dlt_original_timestamp',
  keyless: 'dlt_original_keyless',
  consumer: 'dlt_consumer',
  at: 'dlt_at',
} as const;

/** Says on a dead-letter topic that the letter at this place was put back; its value is null. */
export const redrivenHeader = { partition: 'dlt_redriven_partition', offset: 'dlt_redriven_offset' } as const;

export interface GiveUp {
  consumer: ConsumerName;
  code: string;
  /** A sentence for people; line breaks and control characters are taken out, the length is bounded. */
  reason: string;
  attempts: number;
  /** ISO time. */
  at: string;
}

const LONGEST_REASON = 2_000;

/** The record that tells of a record that was given up. */
export const deadLetterOf = (record: RawRecord, { consumer, code, reason, attempts, at }: GiveUp): OutgoingRecord => ({
  topic: deadLetterTopic(record.topic, consumer),
  key: record.key ?? '',
  value: record.value,
  headers: {
    ...record.headers,
    [deadLetterHeader.reason]: oneLine(reason),
    [deadLetterHeader.code]: code,
    [deadLetterHeader.attempts]: String(attempts),
    [deadLetterHeader.topic]: record.topic,
    [deadLetterHeader.partition]: String(record.partition),
    [deadLetterHeader.offset]: record.offset,
    [deadLetterHeader.timestamp]: String(record.timestamp),
    ...(record.key === null && { [deadLetterHeader.keyless]: 'true' }),
    [deadLetterHeader.consumer]: consumer,
    [deadLetterHeader.at]: at,
  },
});

/** What a dead letter tells about its record. */
export interface DeadLetter extends GiveUp {
  /** Where the letter itself lies. */
  topic: string;
  partition: number;
  offset: string;
  original: RawRecord;
}

/** Reads a dead letter; undefined when the record is none (somebody else's, or a mark that one was redriven). */
export const readDeadLetter = (letter: RawRecord): DeadLetter | undefined => {
  const { headers } = letter;
  const topic = headers[deadLetterHeader.topic] as string | undefined;
  if (topic === undefined) return undefined;
  return {
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    consumer: headers[deadLetterHeader.consumer] as ConsumerName,
    code: headers[deadLetterHeader.code],
    reason: headers[deadLetterHeader.reason],
    attempts: Number(headers[deadLetterHeader.attempts]),
    at: headers[deadLetterHeader.at],
    original: {
      topic,
      partition: Number(headers[deadLetterHeader.partition]),
      offset: headers[deadLetterHeader.offset],
      timestamp: Number(headers[deadLetterHeader.timestamp]),
      key: headers[deadLetterHeader.keyless] === 'true' ? null : letter.key,
      value: letter.value,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('dlt_'))),
    },
  };
};

/** The mark that a dead letter was put back, written to the same dead-letter topic. */
export const redrivenMarkOf = (letter: DeadLetter): OutgoingRecord => ({
  topic: letter.topic,
  key: letter.original.key ?? '',
  value: null,
  headers: {
    [redrivenHeader.partition]: String(letter.partition),
    [redrivenHeader.offset]: letter.offset,
  },
});

const oneLine = (text: string): string => text.replace(/[\u0000-\u001f]+/g, ' ').slice(0, LONGEST_REASON);
