import { createRequire } from 'node:module';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

/** As the original sets it for requests that wait for nothing but their turn. */
const CHECK_MS = 10;

/**
 * kafkajs 2.2.4 re-arms this timer with a negative delay on every connection, which Node makes 1 ms: a loop without end
 * that costs 4 % of a core while idle. Here it is armed only when a request waits, and never in the past.
 */
export const fixRequestQueue = (): void => {
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue & { scheduleCheckPendingRequests: (this: RequestQueue) => void };
  };
  prototype.scheduleCheckPendingRequests = function () {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const waitMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      waitMs > 0 ? waitMs : CHECK_MS,
    );
  };
};
