/** What tells one promotion from another, and whether two of them mean the same bytes. */
export interface VersionId {
  generation: number;
  version: number;
  sha256: string;
}

/** All that the decision depends on: one model of one replica at one moment. */
export interface SwapSnapshot {
  /** The newest promotion heard of; `serve` is null when it retires the model. */
  target: { generation: number; serve: VersionId | null } | undefined;
  /** What answers now; `lost` when its worker died. */
  active: (VersionId & { lost: boolean }) | undefined;
  /** A copy on disk of what served before the restart, or before its worker ended, not tried since. */
  lastGood: VersionId | undefined;
  /** The one version that is on its way. */
  candidate: (VersionId & { phase: 'loading' | 'loaded'; lastGood: boolean; abandoned: boolean }) | undefined;
  /** The last load that failed. */
  failure: { generation: number; attempts: number; atMs: number } | undefined;
  nowMs: number;
  backoffMs: number;
  /** This replica's place in the fleet, from 0 up to 1: so that those who failed together do not ask the store together again. */
  place: number;
}

export type SwapAction =
  | { do: 'nothing' }
  /** Look again after so long. */
  | { do: 'wait'; ms: number }
  | { do: 'load' }
  | { do: 'load-last-good' }
  /** Tell the running load that nobody waits for it; what it brings is thrown away. */
  | { do: 'abandon' }
  | { do: 'swap' }
  | { do: 'discard' }
  /** The wanted bytes serve already under an older generation: take over the promotion, load nothing. */
  | { do: 'adopt' }
  | { do: 'unload' };

/** A minute: long enough to spare a store that is down, short enough that a repaired one is noticed. */
const LONGEST_BACKOFF_MS = 60_000;

/** The last in the fleet waits longer than the first by this part of the wait. */
const SPREAD = 0.25;

/** Wait after so many failures in a row; doubles with each. */
export const retryDelayMs = (attempts: number, backoffMs: number, place: number): number =>
  Math.round(Math.min(backoffMs * 2 ** (attempts - 1), LONGEST_BACKOFF_MS) * (1 + SPREAD * place));

/**
 * What to do next. One load at a time, so that never more than two copies of a model are in memory; the old version
 * stays until the new one is proven; the newest promotion wins whatever is under way.
 */
export const nextAction = (snapshot: SwapSnapshot): SwapAction => {
  const { target, active, candidate } = snapshot;
  if (candidate !== undefined) {
    const wanted = stillWanted(snapshot);
    if (candidate.phase === 'loaded') return { do: wanted ? 'swap' : 'discard' };
    return { do: wanted || candidate.abandoned ? 'nothing' : 'abandon' };
  }
  if (target === undefined) return { do: 'nothing' };
  if (target.serve === null) return { do: active === undefined ? 'nothing' : 'unload' };
  const usable = active !== undefined && !active.lost;
  if (usable && active.generation === target.generation) return { do: 'nothing' };
  if (usable && sameBytes(active, target.serve)) return { do: 'adopt' };
  // The last-good copy first, even if a newer version is wanted: the newer one may turn out to be broken.
  if (!usable && snapshot.lastGood !== undefined && snapshot.lastGood.generation < target.generation)
    return { do: 'load-last-good' };
  return loadWhenDue(snapshot, target.generation);
};

/** True while the load that is under way is the one that would be begun now. */
const stillWanted = ({ target, active, candidate }: SwapSnapshot): boolean => {
  if (candidate === undefined || target === undefined || target.serve === null) return false;
  if (candidate.lastGood && (active === undefined || active.lost)) return true;
  // Promoted again while it loads: it is swapped in under the generation it was begun for, and adopted by the newer one.
  return candidate.generation === target.generation || (!candidate.abandoned && sameBytes(candidate, target.serve));
};

const sameBytes = (one: VersionId, other: VersionId): boolean =>
  one.version === other.version && one.sha256 === other.sha256;

const loadWhenDue = ({ failure, nowMs, backoffMs, place }: SwapSnapshot, generation: number): SwapAction => {
  // A failure of an older promotion says nothing about this one.
  if (failure?.generation !== generation) return { do: 'load' };
  const waitMs = failure.atMs + retryDelayMs(failure.attempts, backoffMs, place) - nowMs;
  return waitMs > 0 ? { do: 'wait', ms: waitMs } : { do: 'load' };
};
