import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { CliError } from './cli-error.js';
import { unreachable } from './registry.client.js';

export interface FeedOptions {
  url: string;
  /** Where to begin: what is kept, what happens next, or behind the message with this id. */
  from: 'start' | 'now' | { after: string };
  onMessage: (message: EventSourceMessage) => void;
  /** Called when the connection was lost and will be made again. */
  onLost: (sentence: string) => void;
  signal: AbortSignal;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Follows the registry's event feed until the signal. A lost connection is made again with `Last-Event-ID`, so nothing is
 * missed in between.
 * @throws CliError when the first connection can't be made: a wrong address must not look like a quiet registry.
 */
export const followFeed = async ({ url, from, onMessage, onLost, signal }: FeedOptions): Promise<void> => {
  let last = typeof from === 'string' ? undefined : from.after;
  const begin = from === 'start' ? 'start' : 'now';
  let connected = false;
  let waitMs = FIRST_WAIT_MS;
  const wasConnected = (): boolean => connected;
  while (!signal.aborted) {
    try {
      await readFeed(`${url}/api/v1/events?from=${begin}`, last, signal, (message) => {
        connected = true;
        waitMs = FIRST_WAIT_MS;
        if (message !== undefined) {
          last = message.id ?? last;
          onMessage(message);
        }
      });
    } catch (error) {
      if (isAborted(signal)) return;
      if (error instanceof CliError) throw error;
      if (!wasConnected()) throw unreachable(url, error);
    }
    if (isAborted(signal)) return;
    onLost(`The connection to ${url} ended; trying again in ${String(waitMs / 1000)} s.`);
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
};

/** It changes while others are awaited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Calls back with undefined once it is connected, then with each message; returns when the server ends the feed. */
const readFeed = async (
  url: string,
  lastEventId: string | undefined,
  signal: AbortSignal,
  heard: (message?: EventSourceMessage) => void,
): Promise<void> => {
  const answer = await fetch(url, {
    headers: { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    signal,
  });
  if (answer.status >= 400 && answer.status < 500)
    throw new CliError(`${url} answered ${String(answer.status)}: ${await answer.text()}`);
  if (!answer.ok || answer.body === null) return;
  heard();
  const stream = createParser({ onEvent: heard });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) stream.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
};
