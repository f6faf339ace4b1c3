import { describe, expect, it } from 'vitest';
import { MalformedEvent, readEvent, writeEvent, type CloudEvent, type RawRecord } from './envelope.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const record = (value: string | Uint8Array | null, headers: Record<string, string> = {}): RawRecord => ({
  topic: 'training.requested',
  partition: 3,
  offset: '42',
  timestamp: Date.UTC(2026, 10, 21, 12),
  key: 'IrisModel',
  value: typeof value === 'string' ? encode(value) : value,
  headers,
});
const place = {
  id: 'training.requested-3-42-1795262400000',
  source: '/bus/training.requested',
  type: 'training.requested',
  time: '2026-11-21T12:00:00.000Z',
};
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('what is written is read again', () => {
  const whole: CloudEvent = {
    id: 'e-1',
    source: '/registry',
    type: 'model.promoted',
    subject: 'IrisModel',
    time: '2026-11-21T12:00:00.000Z',
    traceparent,
    generation: 7,
    data: { text: 'ä\u0000"', list: [1, null] },
  };

  it.each([
    ['an event with everything', whole],
    ['a tombstone, its generation in a header', { ...whole, data: null }],
    ['an event with the least', { id: 'e', source: 's', type: 't', time: whole.time, data: 0 }],
  ])('%s', (_name, event) => {
    const { value, headers, topic, key } = writeEvent('model.promoted', 'IrisModel', event);
    expect([topic, key]).toEqual(['model.promoted', 'IrisModel']);
    expect(readEvent({ ...record(value, headers), topic, key })).toEqual(event);
  });

  it('a tombstone has no value at all', () => {
    expect(writeEvent('t', 'k', { ...whole, data: null }).value).toBeNull();
  });
});

describe('a bare JSON value', () => {
  it('gets the place it lies at as its identity, the timestamp included', () => {
    expect(readEvent(record('{"model":"IrisModel"}'))).toEqual({ ...place, data: { model: 'IrisModel' } });
    const later = { ...record('{}'), timestamp: Date.UTC(2026, 10, 21, 13) };
    expect(readEvent(later).id).not.toBe(place.id);
  });
  it('keeps a traceparent header', () => {
    expect(readEvent(record('{}', { traceparent }))).toEqual({ ...place, traceparent, data: {} });
  });
  it('a missing value is a tombstone', () => {
    expect(readEvent(record(null))).toEqual({ ...place, data: null });
  });
});

describe('binary mode', () => {
  it('takes from the place what the headers leave out', () => {
    expect(readEvent(record('{}', { ce_specversion: '1.0', ce_id: 'a' }))).toEqual({ ...place, id: 'a', data: {} });
    expect(readEvent(record('{}', { ce_specversion: '1.0' }))).toEqual({ ...place, data: {} });
  });
  it('brings the time to UTC, and takes an unreadable one for none', () => {
    const at = (ce_time: string): string => readEvent(record('{}', { ce_id: 'a', ce_time })).time;
    expect(at('2026-01-01T01:00:00+01:00')).toBe('2026-01-01T00:00:00.000Z');
    expect(at('yesterday')).toBe(place.time);
  });
  it.each(['0', '-1', 'x', '1.5', ''])('ignores the generation %j', (ce_generation) => {
    expect(readEvent(record(null, { ce_id: 'a', ce_generation })).generation).toBeUndefined();
  });
});

describe('structured mode', () => {
  const envelope = { specversion: '1.0', id: 'a', source: 's', type: 'training.requested', time: place.time };
  const structured = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

  it('is told by the content type, or by its look', () => {
    const text = JSON.stringify({ ...envelope, subject: 'x', data: { model: 'M' } });
    const expected = {
      id: 'a',
      source: 's',
      type: 'training.requested',
      time: place.time,
      subject: 'x',
      data: { model: 'M' },
    };
    expect(readEvent(record(text, structured))).toEqual(expected);
    expect(readEvent(record(text))).toEqual(expected);
  });
  it('reads data_base64, and unknown extensions do not disturb', () => {
    const text = JSON.stringify({ ...envelope, color: 'red', data_base64: btoa('{"a":1}') });
    expect(readEvent(record(text, structured)).data).toEqual({ a: 1 });
  });
  it('without data is a tombstone', () => {
    expect(readEvent(record(JSON.stringify({ ...envelope, generation: 3 }), structured))).toMatchObject({
      data: null,
      generation: 3,
    });
  });
  it('names every broken attribute', () => {
    const text = JSON.stringify({ specversion: '0.3', source: '', type: 1, data: {} });
    expect(() => readEvent(record(text, structured))).toThrow(/specversion.*id.*source.*type/);
  });
});

describe('what can not be read', () => {
  it.each([
    ['no JSON', record('{"model":')],
    ['an empty value', record('')],
    ['no UTF-8', record(new Uint8Array([0x22, 0xff, 0x22]))],
    ['no JSON in binary mode', record('nope', { ce_id: 'a' })],
    ['another version in binary mode', record('{}', { ce_id: 'a', ce_specversion: '0.3' })],
    ['structured, but an array', record('[]', { 'content-type': 'application/cloudevents+json' })],
    [
      'structured, with broken base64',
      record(JSON.stringify({ specversion: '1.0', id: 'a', source: 's', type: 't', data_base64: '!' })),
    ],
  ])('%s is a MalformedEvent', (_name, broken) => {
    expect(() => readEvent(broken)).toThrow(MalformedEvent);
  });
});
