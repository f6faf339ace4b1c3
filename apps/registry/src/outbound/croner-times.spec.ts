import { describe, expect, it } from 'vitest';
import { CronerTimes } from './croner-times.js';

const times = new CronerTimes();
const next = (cron: string, zone: string, after: string) => times.next(cron, zone, new Date(after))?.toISOString();

describe('the next time of a cron expression', () => {
  it.each([
    ['0 3 * * *', 'UTC', '2026-03-01T03:00:00Z', '2026-03-02T03:00:00.000Z'],
    ['0 3 * * *', 'Europe/Berlin', '2026-01-15T12:00:00Z', '2026-01-16T02:00:00.000Z'],
    ['0 3 * * *', 'Europe/Berlin', '2026-07-15T12:00:00Z', '2026-07-16T01:00:00.000Z'],
    ['0 9 * * 1', 'Asia/Tokyo', '2026-11-21T00:00:00Z', '2026-11-23T00:00:00.000Z'],
    ['30 0 * * * *', 'UTC', '2026-11-21T12:00:31Z', '2026-11-21T13:00:30.000Z'],
  ])('%s in %s after %s is %s', (cron, zone, after, expected) => {
    expect(next(cron, zone, after)).toBe(expected);
  });

  it('comes once on the day that an hour is missing, and once when one comes twice', () => {
    const spring = next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z');
    expect(spring).toBe('2026-03-29T01:00:00.000Z');
    const autumn = next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z') ?? '';
    expect(next('30 2 * * *', 'Europe/Berlin', autumn)).toBe('2026-10-26T01:30:00.000Z');
  });

  it('is none when the day never comes', () => {
    expect(times.next('0 0 30 2 *', 'UTC', new Date('2026-01-01T00:00:00Z'))).toBeNull();
  });
});
