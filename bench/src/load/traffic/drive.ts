import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerLog } from './answer-log.js';
import { bytesOf, requestCount, type Answered, type Caller } from './caller.js';
import { machineMs } from './machine-clock.js';
import type { TrafficPlan, TrafficSeen } from './traffic-plan.js';

/** After a failure, so that a server that is gone is not asked a million times. */
const PAUSE_MS = 20;

/** Carries out a plan until its time is over or `stop` is aborted; each request begun is waited for. */
export const drive = async (
  plan: TrafficPlan,
  callers: (connection: number) => Caller,
  stop: AbortSignal,
): Promise<TrafficSeen> => {
  const log = new AnswerLog();
  const beganMs = machineMs();
  const endMs = beganMs + (plan.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const requests = requestCount(plan);
  /** Each connection has its turn, one after the other, within the time that one request of each of them takes. */
  const everyMs = plan.perSecond === undefined ? 0 : (plan.connections / plan.perSecond) * 1000;

  const connection = async (index: number): Promise<void> => {
    const caller = callers(index);
    for (let nth = 0; ; nth++) {
      const dueMs = beganMs + (index / plan.connections + nth) * everyMs;
      const freeMs = machineMs();
      if (everyMs > 0 && dueMs > freeMs) await until(dueMs - freeMs, stop);
      if (stop.aborted || machineMs() >= endMs) break;
      const request = (index * 31 + nth) % requests;
      const sentAtMs = machineMs();
      try {
        const model = plan.models[(index + nth) % plan.models.length];
        const answer = await caller.call(model, request);
        const receivedAtMs = machineMs();
        const fault = faultOf(plan, model, request, answer);
        if (fault !== undefined) log.mistake(fault);
        // Of a connection that was busy when the request was due, the wait belongs to the answer: a server that stands still is not spared.
        const fromMs = everyMs > 0 && freeMs > dueMs ? dueMs : sentAtMs;
        log.note({
          connection: index,
          version: answer.version,
          sentAtMs,
          receivedAtMs,
          latencyMs: receivedAtMs - fromMs,
        });
      } catch (error) {
        log.fail(error);
        await sleep(PAUSE_MS);
      }
    }
    caller.close();
  };
  await Promise.all(Array.from({ length: plan.connections }, (_, index) => connection(index)));
  return log.seen((machineMs() - beganMs) / 1000);
};

/** What is wrong with an answer; undefined when it is that of the version it names, to the bit. */
export const faultOf = (
  plan: TrafficPlan,
  model: string,
  request: number,
  { version, bytes }: Answered,
): string | undefined => {
  const all = plan.expected[`${model}:${version}`] as Float32Array | undefined;
  if (all === undefined) return `${model}: an answer by version ${version}, which nobody promoted.`;
  const size = all.length / requestCount(plan);
  const expected = bytesOf(all.subarray(request * size, (request + 1) * size));
  if (Buffer.compare(bytes, expected) === 0) return undefined;
  return `${model}, request ${String(request)}: version ${version} answered ${hex(bytes)} instead of ${hex(expected)}.`;
};

/** Ended early when nobody waits any more. */
const until = (ms: number, stop: AbortSignal): Promise<unknown> =>
  sleep(ms, undefined, { signal: stop }).catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).subarray(0, 32).toString('hex');
