import type { TrafficSeen } from '../load/traffic/traffic-plan.js';
import type { Round } from '../statistics.js';

export const roundOf = ({ latencyMs, seconds }: TrafficSeen): Round => ({ latenciesMs: [...latencyMs], seconds });

/** Several generators that ran side by side, as one. */
export const together = (seen: readonly TrafficSeen[]): Round => ({
  latenciesMs: seen.flatMap(({ latencyMs }) => [...latencyMs]),
  seconds: Math.max(...seen.map(({ seconds }) => seconds)),
});

/** A time in which requests are looked at, by the machine's clock. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** The requests that were sent within one of the spans, which lie one after the other. */
export const within = (seen: readonly TrafficSeen[], spans: readonly Span[]): Round => {
  const latenciesMs: number[] = [];
  for (const { sentAtMs, latencyMs } of seen)
    for (const [at, sentMs] of sentAtMs.entries())
      if (spans.some(({ fromMs, toMs }) => fromMs <= sentMs && sentMs < toMs)) latenciesMs.push(latencyMs[at]);
  return { latenciesMs, seconds: spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / 1000 };
};

const FAULTS_TOLD = 3;
const LONGEST = 200;

export interface Failures {
  failed: number;
  wrong: number;
  /** What they were, in a sentence; undefined when there were none. */
  words?: string;
}

export const failures = (seen: readonly TrafficSeen[]): Failures => {
  const failed = seen.reduce((sum, one) => sum + one.failed, 0);
  const wrong = seen.reduce((sum, one) => sum + one.wrong, 0);
  if (failed + wrong === 0) return { failed, wrong };
  const different = new Set(seen.flatMap(({ faults }) => faults.map((fault) => fault.slice(0, LONGEST))));
  const told = [...different].slice(0, FAULTS_TOLD).join(' | ');
  return { failed, wrong, words: `${String(failed)} failed, ${String(wrong)} wrong: ${told}` };
};

/** For load that nothing disturbs. @throws Error when something failed or was wrong all the same. */
export const mustBeClean = (seen: readonly TrafficSeen[]): void => {
  const { words } = failures(seen);
  if (words !== undefined) throw new Error(words);
};
