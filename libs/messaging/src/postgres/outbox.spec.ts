import { describe, expect, it } from 'vitest';
import { writeEvent } from '#contracts';
import { outboxDdl, outboxRowOf, recordOfOutbox } from './outbox.js';

const event = { source: '/registry', type: 'model.promoted', time: '2026-01-01T00:00:00.000Z', data: { a: [1, 'ü'] } };

describe('a row of the outbox', () => {
  it('has the id of its event when that is a UUID, and a derived one, always the same, when not', () => {
    const id = '0190d6a0-1111-7222-8333-444455556666';
    expect(outboxRowOf(writeEvent('model.promoted', 'k', { ...event, id })).id).toBe(id);
    const derived = outboxRowOf(writeEvent('model.promoted', 'k', { ...event, id: 'anything' })).id;
    expect(derived).toMatch(/^[0-9a-f]{8}-/);
    expect(outboxRowOf(writeEvent('model.promoted', 'k', { ...event, id: 'anything' })).id).toBe(derived);
  });

  it.each([{ data: event.data }, { data: null }])('becomes the record it came from: $data', ({ data }) => {
    const record = writeEvent('model.promoted', 'k', { ...event, data, id: 'x', generation: 2 });
    expect(recordOfOutbox(outboxRowOf(record))).toEqual(record);
  });

  it('lies in a schema whose name is one', () => {
    expect(outboxDdl('registry')).toContain('create table registry.outbox');
    expect(() => outboxDdl('registry; drop table x')).toThrow('is no name');
  });
});
