import { beforeEach, describe, expect, it } from 'vitest';
import { deadLetterTopic, writeEvent, type RawRecord } from '#contracts';
import { Logger, ManualClock, PlatformError, type LogLevel } from '#runtime';
import { deadLetterHeader, readDeadLetter } from './dead-letter.js';
import { handleRecord, type EventHandler } from './handle-record.js';
import { InMemoryEventBus } from './memory/in-memory-event-bus.js';
import type { RetryPolicy } from './retry-policy.js';

const fast: RetryPolicy = { attempts: 3, initialMs: 1, factor: 1, maxMs: 1 };
const request = { model: 'IrisModel', recipe: 'random-forest', parameters: { n_estimators: 100 } };
const bytes = (text: string) => new TextEncoder().encode(text);

class ListLogger extends Logger {
  readonly lines: { level: LogLevel; sentence: string; facts?: Record<string, unknown> }[] = [];
  log(level: LogLevel, sentence: string, facts?: Record<string, unknown>): void {
    this.lines.push({ level, sentence, facts });
  }
}

const record = (over: Partial<RawRecord> = {}): RawRecord => ({
  topic: 'training.requested',
  partition: 2,
  offset: '41',
  timestamp: 1_700_000_000_000,
  key: 'IrisModel',
  value: bytes(JSON.stringify(request)),
  headers: {},
  ...over,
});

describe('the shell around a handler', () => {
  let bus: InMemoryEventBus;
  let logger: ListLogger;
  let beats: number;
  beforeEach(() => {
    bus = new InMemoryEventBus();
    logger = new ListLogger();
    beats = 0;
  });
  const heartbeat = () => {
    beats += 1;
    return Promise.resolve();
  };
  const run = (handler: EventHandler, given = record(), signal = new AbortController().signal) =>
    handleRecord({
      consumer: 'trainer',
      handler,
      publisher: bus,
      clock: new ManualClock(),
      logger,
      retry: fast,
      environment: { ...fast, attempts: Infinity },
    })(given, heartbeat, signal);
  const letters = async (topic = 'training.requested') => {
    const found: RawRecord[] = [];
    for await (const letter of bus.readAll(deadLetterTopic(topic, 'trainer'))) found.push(letter);
    return found;
  };
  /** Fails with each of the errors in turn, then succeeds. */
  const failing = (...errors: unknown[]) => {
    let calls = 0;
    const handler: EventHandler = () => {
      calls += 1;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handlers may throw anything
      return calls <= errors.length ? Promise.reject(errors[calls - 1]) : Promise.resolve();
    };
    return { handler, calls: () => calls };
  };

  it('hands on the event, its data filled and checked by the schema', async () => {
    let seen: unknown;
    await run((event) => {
      seen = event;
      return Promise.resolve();
    });
    expect(seen).toMatchObject({
      id: 'training.requested-2-41-1700000000000',
      source: '/bus/training.requested',
      data: { ...request, promote: 'policy', register: true },
    });
    expect(await letters()).toEqual([]);
  });

  it.each([
    ['no JSON', { value: bytes('{"model":') }, 'EVENT_MALFORMED', /not JSON/],
    ['no text at all', { value: Uint8Array.of(0xff, 0xfe, 0) }, 'EVENT_MALFORMED', /not JSON/],
    ['an empty value', { value: new Uint8Array() }, 'EVENT_MALFORMED', /not JSON/],
    ['a missing field', { value: bytes('{"recipe":"x"}') }, 'EVENT_INVALID', /model: /],
    ['several broken fields', { value: bytes('{"model":7,"recipe":8}') }, 'EVENT_INVALID', /model: .*; recipe: /],
    ['another kind of value', { value: bytes('"IrisModel"') }, 'EVENT_INVALID', /the value: /],
    ['a tombstone where there are none', { value: null }, 'EVENT_INVALID', /no tombstones/],
    [
      'a broken envelope',
      { value: bytes('{"specversion":"1.0","source":"s"}') },
      'EVENT_MALFORMED',
      /envelope is broken: id: /,
    ],
  ])('gives up at once on %s', async (_name, over, code, reason) => {
    const { handler, calls } = failing();
    const given = record(over);
    await run(handler, given);
    expect(calls()).toBe(0);
    const [letter] = await letters();
    expect(letter.value).toEqual(given.value);
    expect(letter.headers[deadLetterHeader.code]).toBe(code);
    expect(letter.headers[deadLetterHeader.reason]).toMatch(reason);
    expect(letter.headers[deadLetterHeader.attempts]).toBe('1');
  });

  it('refuses JSON null as a tombstone, and passes a real one on with its generation', async () => {
    const seen: unknown[] = [];
    const handler: EventHandler = (event) => {
      seen.push([event.data, event.generation]);
      return Promise.resolve();
    };
    const place = { topic: 'model.promoted', headers: { ce_id: '1', ce_generation: '9' } };
    await run(handler, record({ ...place, value: null }));
    await run(handler, record({ ...place, value: bytes('null') }));
    expect(seen).toEqual([[null, 9]]);
    expect(await letters('model.promoted')).toHaveLength(1);
  });

  it.each([
    ['an unforeseen error', new Error('boom'), 3, 'INTERNAL', 'boom'],
    ['a TypeError', new TypeError('x is undefined'), 3, 'INTERNAL', 'x is undefined'],
    ['something that is no error', 'just text', 3, 'INTERNAL', 'just text'],
    ['a fault that may pass', new PlatformError('MODEL_NOT_READY', 'wait'), 3, 'MODEL_NOT_READY', 'wait'],
    ['a fault that will not pass', new PlatformError('CONFLICT', 'no'), 1, 'CONFLICT', 'no'],
  ])('answers %s as its fault says', async (_name, error, attempts, code, reason) => {
    const { handler, calls } = failing(...Array.from({ length: 10 }, () => error));
    await run(handler);
    expect(calls()).toBe(attempts);
    expect(readDeadLetter((await letters())[0])).toMatchObject({
      code,
      reason,
      attempts,
      consumer: 'trainer',
      at: '2026-01-01T00:00:00.000Z',
      original: record(),
    });
  });

  it('commits without a dead letter when a later attempt succeeds, and beats while it waits', async () => {
    const { handler, calls } = failing(new Error('1'), new Error('2'));
    await run(handler);
    expect(calls()).toBe(3);
    expect(await letters()).toEqual([]);
    expect(beats).toBeGreaterThanOrEqual(2);
  });

  it('outlasts an environment fault however long, without counting attempts, and says so each time', async () => {
    const down = new PlatformError('DATABASE_UNAVAILABLE');
    const { handler, calls } = failing(...Array.from({ length: 12 }, () => down), new Error('own fault'));
    await run(handler);
    expect(calls()).toBe(14);
    expect(await letters()).toEqual([]);
    const waits = logger.lines.filter(({ sentence }) => sentence.includes('does not answer'));
    expect(waits).toHaveLength(12);
    expect(waits[0].level).toBe('error');
    expect(logger.lines.some(({ sentence }) => sentence.includes('answers again'))).toBe(true);
  });

  it('never commits past a dead letter that could not be published', async () => {
    bus.failNextPublishes(new Error('bus away'), new PlatformError('PAYLOAD_TOO_LARGE'), new Error('bus away'));
    await run(failing(new PlatformError('CONFLICT')).handler);
    expect(await letters()).toHaveLength(1);
    expect(logger.lines.filter(({ sentence }) => sentence.includes('publishing a dead letter waits'))).toHaveLength(3);
  });

  it('rejects, uncommitted, when it is told to stop while it waits', async () => {
    const closing = new AbortController();
    const reason = new PlatformError('SHUTTING_DOWN');
    const handler: EventHandler = () => {
      closing.abort(reason);
      return Promise.reject(new PlatformError('DATABASE_UNAVAILABLE'));
    };
    await expect(run(handler, record(), closing.signal)).rejects.toBe(reason);
    expect(await letters()).toEqual([]);
  });

  it('keeps the original headers and bytes of a binary event', async () => {
    const event = {
      id: 'e1',
      source: 's',
      type: 'training.requested',
      time: '2026-01-01T00:00:00Z',
      data: { model: 1 },
    };
    const { value, headers } = writeEvent('training.requested', 'k', event);
    await run(failing().handler, record({ value, headers: { ...headers, traceparent: '00-1' } }));
    const [letter] = await letters();
    expect(letter.headers).toMatchObject({ ...headers, traceparent: '00-1', dlt_original_offset: '41' });
    expect(letter.value).toEqual(value);
  });
});
