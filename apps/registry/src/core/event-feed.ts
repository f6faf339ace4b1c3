import type { CloudEvent, LiveEvent } from '#contracts';

/** A place in the feed: (transaction id, position). Rows of transactions that commit late are never jumped over. */
export interface Cursor {
  transactionId: string;
  position: string;
}

export interface FeedRow {
  cursor: Cursor;
  event: LiveEvent;
}

export const START: Cursor = { transactionId: '0', position: '0' };

export const writeCursor = ({ transactionId, position }: Cursor): string => `${transactionId}-${position}`;

/** Undefined when the text is no cursor of ours. */
export const readCursor = (text: string): Cursor | undefined => {
  const found = /^(\d{1,20})-(\d{1,19})$/.exec(text);
  return found === null ? undefined : { transactionId: found[1], position: found[2] };
};

/** All that happened, durable, in order, for dashboards and `baton events`. */
export abstract class EventFeed {
  /** Adds what was heard or said; the same event (type, source, id) again changes nothing. */
  abstract add(event: CloudEvent): Promise<void>;
  /** Rows after the cursor that can have no earlier row still to come, oldest first. */
  abstract after(cursor: Cursor, types: readonly string[], limit: number): Promise<FeedRow[]>;
  /** The place from which everything said from now on is seen. */
  abstract now(): Promise<Cursor>;
  /** Resolves when something may have been added, at the latest after `timeoutMs`. */
  abstract changed(timeoutMs: number): Promise<void>;
}
