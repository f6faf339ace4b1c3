import { describe, expect, it } from 'vitest';
import { afterAttempt, RETRY_FOR_MS, type Sent } from './delivery-schedule.js';

const about = { attempt: 1, remainingMs: 1000, firstWaitMs: 5_000, random: 1 };
const answer = (status: number, retryAfterMs?: number): Sent => ({ status, body: '', retryAfterMs });

describe('what follows an attempt to deliver', () => {
  it.each([200, 201, 204, 299])('%d is delivered', (status) => {
    expect(afterAttempt(answer(status), about)).toEqual({ state: 'delivered', responseStatus: status });
  });

  it.each([429, 500, 502, 503, 504, 599])('%d is tried again', (status) => {
    expect(afterAttempt(answer(status), about)).toMatchObject({ state: 'pending', responseStatus: status });
  });

  it.each([301, 307, 400, 401, 404, 410, 422])('%d is the last word', (status) => {
    expect(afterAttempt(answer(status), about)).toMatchObject({ state: 'failed', responseStatus: status });
  });

  it('tries again after a fault of the network, but not after one that lasts', () => {
    expect(afterAttempt({ fault: 'reset', lasting: false }, about)).toMatchObject({ state: 'pending', error: 'reset' });
    expect(afterAttempt({ fault: 'private', lasting: true }, about)).toMatchObject({ state: 'failed' });
  });

  it.each([
    [1, 1, 5_000],
    [1, 0, 2_500],
    [2, 1, 10_000],
    [5, 1, 80_000],
    [11, 1, 3_600_000],
    [5_000, 0, 1_800_000],
  ])('waits before attempt %d + 1, random %d: %d ms', (attempt, random, waitMs) => {
    expect(afterAttempt(answer(503), { ...about, attempt, random })).toMatchObject({ waitMs });
  });

  it('waits as long as the receiver asks, but no longer than a day', () => {
    expect(afterAttempt(answer(503, 60_000), about)).toMatchObject({ waitMs: 60_000 });
    expect(afterAttempt(answer(503, 1), about)).toMatchObject({ waitMs: 5_000 });
    expect(afterAttempt(answer(429, 10 * RETRY_FOR_MS), about)).toMatchObject({ waitMs: RETRY_FOR_MS });
  });

  it('gives up at the first failure after the day is over', () => {
    expect(afterAttempt(answer(503), { ...about, remainingMs: 0 })).toMatchObject({ state: 'failed' });
    expect(afterAttempt(answer(200), { ...about, remainingMs: -5 })).toMatchObject({ state: 'delivered' });
  });

  it('is tried for at least a day, at most once an hour at its end', () => {
    let now = 0;
    let attempt = 0;
    for (;;) {
      attempt += 1;
      const after = afterAttempt(answer(500), { ...about, attempt, remainingMs: RETRY_FOR_MS - now });
      if (after.state !== 'pending') break;
      now += after.waitMs;
    }
    expect(now).toBeGreaterThanOrEqual(RETRY_FOR_MS);
    expect(attempt).toBe(34);
  });
});
