import { describe, expect, it } from 'vitest';
import { deadLetterTopic, readEvent, writeEvent, type OutgoingRecord, type RawRecord } from '#contracts';
import { deadLetterOf, readDeadLetter } from './dead-letter.js';
import { findDeadLetter, listDeadLetters, redriveAllDeadLetters, redriveDeadLetter } from './dead-letters.js';
import { InMemoryEventBus } from './memory/in-memory-event-bus.js';
import { restoredRecord } from './redrive.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const giveUp = {
  consumer: 'trainer',
  code: 'INTERNAL',
  reason: 'boom',
  attempts: 5,
  at: '2026-01-01T00:00:00Z',
} as const;
const binary = writeEvent('training.requested', 'k', {
  id: 'e-1',
  source: '/me',
  type: 'training.requested',
  time: '2026-01-01T00:00:00.000Z',
  data: { model: 'M', recipe: 'r' },
});
const place = { topic: 'training.requested', partition: 3, offset: '17', timestamp: 1_700_000_000_000 };

/** A record as it lies in the log at another place. */
const lying = ({ topic, key, value, headers }: OutgoingRecord, offset = '900'): RawRecord => ({
  topic,
  partition: 0,
  offset,
  timestamp: 1_800_000_000_000,
  key,
  value,
  headers,
});
const letterOf = (original: RawRecord) => {
  const letter = readDeadLetter(lying(deadLetterOf(original, giveUp)));
  if (letter === undefined) throw new Error('no dead letter');
  return letter;
};

describe('a dead letter', () => {
  it.each<[string, RawRecord]>([
    ['a bare line', { ...place, key: 'k', value: bytes('{"model":"M","recipe":"r"}'), headers: {} }],
    ['a bare line without a key', { ...place, key: null, value: bytes('{"model":"M"}'), headers: { own: 'x' } }],
    ['a binary event', { ...place, key: 'k', value: binary.value, headers: binary.headers }],
    [
      'a structured event',
      {
        ...place,
        key: 'k',
        value: bytes(
          '{"specversion":"1.0","id":"s-1","source":"/me","type":"t","time":"2026-01-01T00:00:00Z","data":{"a":1}}',
        ),
        headers: { 'content-type': 'application/cloudevents+json' },
      },
    ],
    ['a binary event without an id', { ...place, key: 'k', value: bytes('{}'), headers: { ce_specversion: '1.0' } }],
    ['an empty key', { ...place, key: '', value: bytes('{}'), headers: {} }],
    [
      'a tombstone',
      { ...place, topic: 'model.promoted', key: 'm', value: null, headers: { ce_id: 'x', ce_generation: '4' } },
    ],
  ])('of %s gives back the record as it was, and redriven it is the same event', (_name, original) => {
    const letter = letterOf(original);
    expect(letter.original).toEqual(original);
    const { time: _, ...before } = readEvent(original);
    const again = restoredRecord(letter);
    const { time: _again, ...after } = readEvent(lying(again));
    expect(after).toEqual(before);
    expect(again.value).toEqual(original.value);
    expect(again.topic).toBe(original.topic);
  });

  it('of bytes that nobody can read is put back as it was', () => {
    const original = { ...place, key: 'k', value: bytes('{"model'), headers: { own: 'x' } };
    expect(restoredRecord(letterOf(original))).toEqual({
      topic: original.topic,
      key: 'k',
      value: original.value,
      headers: { own: 'x' },
    });
  });

  it('keeps its reason in one line of bounded length', () => {
    const { headers } = deadLetterOf(
      { ...place, key: 'k', value: null, headers: {} },
      { ...giveUp, reason: `a\n\u0000b${'c'.repeat(9_000)}` },
    );
    expect(headers.dlt_reason.startsWith('a bccc')).toBe(true);
    expect(headers.dlt_reason.length).toBe(2_000);
  });
});

describe('the list of dead letters', () => {
  const topic = deadLetterTopic('training.requested', 'trainer');
  const filled = async () => {
    const bus = new InMemoryEventBus();
    for (const name of ['one', 'two'])
      await bus.publishRecord(
        deadLetterOf({ ...place, offset: name, key: name, value: bytes(`{"model":"${name}"}`), headers: {} }, giveUp),
      );
    return bus;
  };
  const said = async (bus: InMemoryEventBus) => {
    const keys: (string | null)[] = [];
    for await (const { key } of bus.readAll('training.requested')) keys.push(key);
    return keys;
  };

  it('holds those of all topics, with their reasons; one can be shown', async () => {
    const bus = await filled();
    const list = await listDeadLetters(bus);
    expect(list.map(({ original, code, redriven }) => [original.key, code, redriven]).sort()).toEqual([
      ['one', 'INTERNAL', false],
      ['two', 'INTERNAL', false],
    ]);
    const { partition, offset } = list[0];
    expect(await findDeadLetter(bus, topic, partition, offset)).toEqual(list[0]);
    expect(await findDeadLetter(bus, topic, partition, '99')).toBeUndefined();
  });

  it('marks what was redriven, and redrives the rest once', async () => {
    const bus = await filled();
    const [first, second] = await listDeadLetters(bus, topic);
    await redriveDeadLetter(bus, first);
    expect(await said(bus)).toEqual([first.original.key]);
    expect(await redriveAllDeadLetters(bus)).toBe(1);
    expect(await redriveAllDeadLetters(bus)).toBe(0);
    expect((await said(bus)).sort()).toEqual([first.original.key, second.original.key].sort());
    expect((await listDeadLetters(bus)).every(({ redriven }) => redriven)).toBe(true);
  });

  it('leaves records of others on a dead-letter topic alone', async () => {
    const bus = await filled();
    await bus.publishRecord({ topic, key: 'x', value: bytes('what?'), headers: {} });
    expect(await listDeadLetters(bus)).toHaveLength(2);
  });
});
