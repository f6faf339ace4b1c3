import type { TrafficSeen } from './load/traffic/traffic-plan.js';

/** One promotion as an observer outside knows it; times by the machine's clock. */
export interface Promotion {
  version: string;
  /** Before this nobody can have been answered by it: it had not been asked for. */
  askedAtMs: number;
  /** By now it was seen to serve: whoever asks later must not be answered by the one before. */
  servingAtMs: number;
}

export interface Order {
  /** Answers by a version that was older than one answered before on that connection, or than one seen to serve before it was asked. */
  older: number;
  /** The first of them in words. */
  fault?: string;
}

/**
 * Follows each connection through the promotions, told oldest first, the first being what served at the start. Versions alternate, so an
 * answer tells only its version: it is taken for the earliest promotion of that version that can have given it.
 */
export const answersInOrder = (seen: TrafficSeen, promotions: readonly Promotion[]): Order => {
  const order: Order = { older: 0 };
  /** By connection: the promotion that answered last. */
  const reached = new Map<number, number>();
  for (let at = 0; at < seen.version.length; at++) {
    const connection = seen.connection[at];
    const version = seen.versions[seen.version[at]];
    const before = reached.get(connection) ?? 0;
    const earliest = Math.max(before, lastBefore(promotions, 'servingAtMs', seen.sentAtMs[at]));
    const latest = lastBefore(promotions, 'askedAtMs', seen.receivedAtMs[at]);
    let found = earliest;
    while (found <= latest && promotions[found].version !== version) found++;
    if (found <= latest) {
      reached.set(connection, found);
      continue;
    }
    order.older += 1;
    order.fault ??=
      `Connection ${String(connection)} was answered by version ${version} where promotion ${String(earliest)} ` +
      `(version ${promotions[earliest].version}) served and ${String(latest)} was the latest asked for.`;
  }
  return order;
};

/** The last promotion whose time is not after `ms`; the first one when there is none. */
const lastBefore = (promotions: readonly Promotion[], time: 'askedAtMs' | 'servingAtMs', ms: number): number => {
  let [low, high] = [0, promotions.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (promotions[middle][time] <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
};
