import { setTimeout as sleep } from 'node:timers/promises';

/** GET, or POST of JSON. @throws Error with the body of an answer that is not 2xx. */
export const ask = async (url: string, body?: unknown): Promise<string> => {
  const answer = await fetch(
    url,
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answers ${String(answer.status)}: ${text}`);
  return text;
};

/** What no patience will mend. */
export class Hopeless extends Error {}

/** Asks once a second until it holds. @throws Error the last one, when time is up; Hopeless at once. */
export const until = async (timeoutMs: number, holds: () => Promise<void>): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (error instanceof Hopeless || Date.now() > deadline) throw error;
      await sleep(1_000);
    }
  }
};
