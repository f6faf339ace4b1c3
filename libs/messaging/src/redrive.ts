import { MalformedEvent, readEvent, type OutgoingRecord } from '#contracts';
import type { DeadLetter } from './dead-letter.js';

/**
 * The record as it goes back to its topic, bytes unchanged. It **keeps its id**: a record that had none of its own
 * (a bare JSON line) was known by the place it lay at, so that place goes with it as `ce_*` headers; whoever has begun to
 * work on it before knows it again. A structured event carries its id in the value, and bytes that no one can read have none.
 */
export const restoredRecord = ({ original }: DeadLetter): OutgoingRecord => ({
  topic: original.topic,
  key: original.key ?? '',
  value: original.value,
  headers: { ...original.headers, ...identityOf(original) },
});

const identityOf = (original: DeadLetter['original']): Record<string, string> => {
  const event = readable(original);
  if (event === undefined || isStructured(original, event.id)) return {};
  return {
    ce_specversion: original.headers.ce_specversion || '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_time: event.time,
  };
};

const readable = (original: DeadLetter['original']) => {
  try {
    return readEvent(original);
  } catch (error) {
    // Broken bytes are put back as they are: they will come back as a new dead letter, which is the honest answer.
    if (error instanceof MalformedEvent) return undefined;
    throw error;
  }
};

/** `ce_*` headers would turn a structured event into a binary one whose data is the whole envelope. */
const isStructured = ({ headers, topic, partition, offset, timestamp }: DeadLetter['original'], id: string): boolean =>
  !('ce_id' in headers) &&
  !('ce_specversion' in headers) &&
  id !== `${topic}-${String(partition)}-${offset}-${String(timestamp)}`;
