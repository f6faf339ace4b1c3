import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fixRequestQueue } from './request-queue-fix.js';

interface Queue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
  destroy(): void;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: Record<string, unknown>,
) => Queue;

beforeEach(() => {
  fixRequestQueue();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const made = (): Queue =>
  new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 100, logger: { debug: () => undefined } });

it('sets no timer while nothing waits: the connection of an idle process costs nothing', () => {
  const queue = made();
  queue.checkPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

it('looks again when a request waits, after the throttling that the broker asked for', () => {
  const queue = made();
  const sent: string[] = [];
  queue.throttledUntil = Date.now() + 500;
  queue.pending.push({ send: () => sent.push('sent'), expectResponse: true });
  queue.scheduleCheckPendingRequests();
  vi.advanceTimersByTime(499);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(sent).toEqual(['sent']);
  expect(vi.getTimerCount()).toBe(0);
});
