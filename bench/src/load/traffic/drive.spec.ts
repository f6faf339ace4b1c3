import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bytesOf, type Answered, type Caller } from './caller.js';
import { drive } from './drive.js';
import { machineMs } from './machine-clock.js';
import type { TrafficPlan } from './traffic-plan.js';

const plan: TrafficPlan = {
  protocol: 'http',
  address: 'http://127.0.0.1:1',
  models: ['m'],
  connections: 3,
  timeoutMs: 1000,
  input: { name: 'x', columns: 1 },
  output: 'y',
  rows: 1,
  features: Float32Array.from([1, 2]),
  expected: { 'm:1': Float32Array.from([0.1, 0.2]), 'm:2': Float32Array.from([0.3, 0.4]) },
};

const calls = (answer: (request: number, nth: number) => Answered): (() => Caller) => {
  let nth = 0;
  return () => ({
    call: async (_model, request) => {
      await sleep(1);
      return answer(request, nth++);
    },
    close: () => undefined,
  });
};

const said = (version: string, ...values: number[]): Answered => ({
  version,
  bytes: bytesOf(Float32Array.from(values)),
});
const right = (request: number): Answered => said('1', [0.1, 0.2][request]);
const run = (callers: () => Caller, more: Partial<TrafficPlan> = {}) =>
  drive({ ...plan, seconds: 0.15, ...more }, callers, new AbortController().signal);

describe('drive', () => {
  it('notes every answer of every connection', async () => {
    const seen = await run(calls(right));
    expect(new Set(seen.connection)).toEqual(new Set([0, 1, 2]));
    expect(seen.latencyMs.length).toBe(seen.sentAtMs.length);
    expect(seen.latencyMs.every((ms) => ms > 0)).toBe(true);
    expect([seen.failed, seen.wrong, seen.versions]).toEqual([0, 0, ['1']]);
  });

  it.each([
    ['another value, one bit away', () => said('1', 0.1 + 2 ** -26), 'version 1 answered'],
    ['the value of the other version', () => said('2', 0.1), 'version 2 answered'],
    ['too many values', () => said('1', 0.1, 0.2), 'version 1 answered'],
    ['a version that nobody promoted', () => said('9', 0.1), 'version 9, which nobody promoted'],
  ])('counts as wrong %s', async (_what, answer, words) => {
    const seen = await run(
      calls((request, nth) => (nth === 0 ? answer() : right(request))),
      {
        features: Float32Array.from([1]),
        expected: { 'm:1': Float32Array.from([0.1]), 'm:2': Float32Array.from([0.3]) },
      },
    );
    expect(seen.wrong).toBe(1);
    expect(seen.faults.join()).toContain(words);
  });

  it('counts what failed and goes on', async () => {
    const seen = await run(
      calls((request, nth) => {
        if (nth < 2) throw new Error('503 full');
        return right(request);
      }),
    );
    expect(seen.failed).toBe(2);
    expect(seen.faults).toEqual(['503 full', '503 full']);
    expect(seen.version.length).toBeGreaterThan(0);
  });

  /** A server that stops the traffic at its nth call. */
  const endingAt = (last: number, first: () => Promise<void> = () => Promise.resolve()) => {
    const stop = new AbortController();
    let nth = 0;
    const caller: Caller = {
      call: async (_model, request) => {
        if (++nth === 1) await first();
        if (nth >= last) stop.abort();
        return right(request);
      },
      close: () => undefined,
    };
    return { callers: () => caller, signal: stop.signal };
  };

  it('keeps to a rate, and stops when it is told', async () => {
    const { callers, signal } = endingAt(20);
    const before = machineMs();
    const seen = await drive({ ...plan, connections: 1, perSecond: 200 }, callers, signal);
    expect(seen.version.length).toBe(20);
    // The nth is due n times 5 ms after the beginning; it never goes before, but for the millisecond that a timer may be early.
    for (let nth = 0; nth < 20; nth++) expect(seen.sentAtMs[nth] - before).toBeGreaterThan(nth * 5 - 2);
  });

  it('lets a server that stood still pay for the requests that were due meanwhile', async () => {
    const { callers, signal } = endingAt(2, () => sleep(100));
    const seen = await drive({ ...plan, connections: 1, perSecond: 100 }, callers, signal);
    expect(seen.latencyMs[1]).toBeGreaterThan(seen.receivedAtMs[1] - seen.sentAtMs[1]);
  });
});
