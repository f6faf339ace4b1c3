import { describe, expect, it } from 'vitest';
import { PlatformError } from '#runtime';
import { afterError, afterLosses, failureOf } from './retry-decision.js';

const limits = { maxAttempts: 3, backoffMs: 1000 };
const none = { failures: 0, waits: 0 };

describe('what follows an error', () => {
  it.each([
    ['a crash is tried again', 'TRAINING_CRASHED', none, { next: 'retry', delayMs: 1000 }],
    ['the wait doubles', 'TRAINING_CRASHED', { failures: 1, waits: 0 }, { next: 'retry', delayMs: 2000 }],
    ['an unreachable data set is tried again', 'DATASET_UNREACHABLE', none, { next: 'retry', delayMs: 1000 }],
    ['the last attempt ends it', 'TRAINING_CRASHED', { failures: 2, waits: 9 }, { next: 'end' }],
    ['a wrong parameter ends it at once', 'PARAMETER_INVALID', none, { next: 'end' }],
    ['too few rows end it at once', 'DATASET_TOO_SMALL', none, { next: 'end' }],
    [
      'a registry that is down costs no attempt',
      'REGISTRY_UNAVAILABLE',
      { failures: 2, waits: 0 },
      { next: 'wait', delayMs: 1000 },
    ],
    ['waits grow', 'STORE_UNAVAILABLE', { failures: 0, waits: 3 }, { next: 'wait', delayMs: 8000 }],
    [
      'waits stay below a minute',
      'REGISTRY_UNAVAILABLE',
      { failures: 0, waits: 30 },
      { next: 'wait', delayMs: 60_000 },
    ],
  ] as const)('%s', (_, code, job, expected) => {
    expect(afterError(job, new PlatformError(code), limits)).toMatchObject(expected);
  });

  it.each([
    ['TRAINING_TIMED_OUT', 'timed-out'],
    ['TRAINING_CANCELLED', 'cancelled'],
    ['DATASET_INVALID', 'failed'],
  ] as const)('%s ends as %s', (code, outcome) => {
    const decision = afterError(none, new PlatformError(code, 'Do it better.'), limits);
    expect(decision).toEqual({ next: 'end', verdict: { outcome, failure: { code, message: 'Do it better.' } } });
  });

  it('treats what nobody foresaw as worth a retry, and tells its message', () => {
    expect(afterError(none, new Error('boom'), limits).next).toBe('retry');
    expect(failureOf(new Error('boom'))).toEqual({
      code: 'INTERNAL',
      message: expect.stringContaining('boom') as string,
    });
  });
});

describe('the sentence of a failure', () => {
  it.each([
    ['a NUL of a data set', 'Row 2 has "\u00003" in the column "b".', 'Row 2 has " 3" in the column "b".'],
    ['a line end of Windows', 'one\r\ntwo', 'one \ntwo'],
    ['half a character, where it was cut', 'It says "\ud83d', 'It says "\ufffd'],
    ['nothing else', 'Zeile 1:\tgrün \ud83d\ude00\n', 'Zeile 1:\tgrün \ud83d\ude00\n'],
  ])('loses %s', (_, detail, told) => {
    expect(failureOf(new PlatformError('DATASET_INVALID', detail)).message).toBe(told);
    expect(failureOf(new Error(detail)).message).toContain(told);
  });
});

describe('a sentence without end', () => {
  it('is cut, because no bus takes an event of any size', () => {
    const { message } = failureOf(new PlatformError('PARAMETER_INVALID', 'x'.repeat(2_000_000)));
    expect(message).toHaveLength(4_001);
    expect(failureOf(new Error('y'.repeat(2_000_000))).message).toHaveLength(4_001);
  });
});

describe('a job that takes its trainer down', () => {
  it('is passed on five times, then fails', () => {
    expect(afterLosses(5)).toBeUndefined();
    expect(afterLosses(6)).toMatchObject({ outcome: 'failed', failure: { code: 'TRAINING_CRASHED' } });
  });
});
