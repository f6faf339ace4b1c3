import { randomBytes } from 'node:crypto';

/** Trace context as W3C writes it: version, trace id, parent id, flags; ids of zeroes are none. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** Our own ids are this process's and a number: cheap to make, and never equal in two replicas. */
const process = randomBytes(6).toString('hex');
let made = 0;

/** The id that a client gave its request, when it fits into a log line, else a new one. */
export const requestIdOf = (given: string | string[] | undefined): string =>
  typeof given === 'string' && REQUEST_ID.test(given) ? given : `${process}-${String(++made)}`;

/** The trace that a request belongs to, when what came is a trace context. */
export const traceOf = (given: string | string[] | undefined): { traceparent: string; traceId: string } | undefined => {
  const traceId = typeof given === 'string' ? TRACEPARENT.exec(given)?.[1] : undefined;
  return traceId === undefined ? undefined : { traceparent: given as string, traceId };
};
