import type { EventBus } from './event-bus.js';
import { readDeadLetter, redrivenHeader, redrivenMarkOf, type DeadLetter } from './dead-letter.js';
import { restoredRecord } from './redrive.js';

/** A dead letter in a list: what it says, and whether it was put back since. */
export interface ListedDeadLetter extends DeadLetter {
  redriven: boolean;
}

const isDeadLetterTopic = (name: string): boolean => name.endsWith('.dlt');

/** All dead letters of one dead-letter topic, or of all; oldest first within a topic. */
export const listDeadLetters = async (bus: EventBus, topic?: string): Promise<ListedDeadLetter[]> => {
  const names = topic === undefined ? (await bus.topicNames()).filter(isDeadLetterTopic).sort() : [topic];
  const lists: ListedDeadLetter[][] = [];
  for (const name of names) lists.push(await lettersOf(bus, name));
  return lists.flat();
};

/** One dead letter by its place, or undefined. */
export const findDeadLetter = async (
  bus: EventBus,
  topic: string,
  partition: number,
  offset: string,
): Promise<ListedDeadLetter | undefined> =>
  (await lettersOf(bus, topic)).find((letter) => letter.partition === partition && letter.offset === offset);

/**
 * Puts a letter's record back to the topic it came from, then marks it. A crash between the two puts it back twice at
 * worst; it keeps its id, so its effect happens once.
 */
export const redriveDeadLetter = async (bus: EventBus, letter: DeadLetter): Promise<void> => {
  await bus.publishRecord(restoredRecord(letter));
  await bus.publishRecord(redrivenMarkOf(letter));
};

/** Redrives every letter that was not yet put back (of one dead-letter topic, or of all), in order; answers how many. */
export const redriveAllDeadLetters = async (bus: EventBus, topic?: string): Promise<number> => {
  const waiting = (await listDeadLetters(bus, topic)).filter((letter) => !letter.redriven);
  for (const letter of waiting) await redriveDeadLetter(bus, letter);
  return waiting.length;
};

const lettersOf = async (bus: EventBus, topic: string): Promise<ListedDeadLetter[]> => {
  const letters: DeadLetter[] = [];
  const marks = new Set<string>();
  for await (const record of bus.readAll(topic)) {
    const letter = readDeadLetter(record);
    if (letter !== undefined) letters.push(letter);
    else marks.add(placeOf(record.headers[redrivenHeader.partition], record.headers[redrivenHeader.offset]));
  }
  return letters
    .map((letter) => ({ ...letter, redriven: marks.has(placeOf(String(letter.partition), letter.offset)) }))
    .sort((a, b) => a.at.localeCompare(b.at));
};

const placeOf = (partition: string, offset: string): string => `${partition}/${offset}`;
