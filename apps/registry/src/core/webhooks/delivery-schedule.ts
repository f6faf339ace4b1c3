/** What came of one attempt: an answer of the receiver, or a fault on the way to it. */
export type Sent =
  | { status: number; body: string; retryAfterMs?: number }
  /** `lasting`: trying the same again can not help, such as an address that may not be called. */
  | { fault: string; lasting: boolean };

export type AfterAttempt =
  | { state: 'delivered'; responseStatus: number }
  | { state: 'failed'; responseStatus: number | null; error: string }
  | { state: 'pending'; responseStatus: number | null; error: string; waitMs: number };

/** How long a delivery is tried at least. */
export const RETRY_FOR_MS = 24 * 3_600_000;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * What follows an attempt. Faults of the network, 429 and 5xx are tried again: the wait doubles up to an hour, each a
 * random share of between half and all of it, so that what failed together does not come back together; `Retry-After`
 * makes it longer. Any other answer is the receiver's last word.
 */
export const afterAttempt = (
  sent: Sent,
  {
    attempt,
    remainingMs,
    firstWaitMs,
    random,
  }: { attempt: number; remainingMs: number; firstWaitMs: number; random: number },
): AfterAttempt => {
  if ('status' in sent && isTaken(sent.status)) return { state: 'delivered', responseStatus: sent.status };
  const responseStatus = 'status' in sent ? sent.status : null;
  const error = 'status' in sent ? answered(sent.status) : sent.fault;
  const again = 'status' in sent ? sent.status === 429 || sent.status >= 500 : !sent.lasting;
  if (!again) return { state: 'failed', responseStatus, error };
  if (remainingMs <= 0) return { state: 'failed', responseStatus, error: `${error} It was tried for a day.` };
  const backoffMs = Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** Math.min(attempt - 1, 30)) * (0.5 + random / 2);
  const askedMs = 'status' in sent ? Math.min(sent.retryAfterMs ?? 0, RETRY_FOR_MS) : 0;
  return { state: 'pending', responseStatus, error, waitMs: Math.round(Math.max(backoffMs, askedMs)) };
};

/** Redirects are not followed, so one has reached nobody. */
export const isTaken = (status: number): boolean => status >= 200 && status < 300;

const answered = (status: number): string =>
  status >= 300 && status < 400
    ? `The receiver answered ${String(status)}: redirects are not followed, name the final address.`
    : `The receiver answered ${String(status)}.`;
