import type { Labels } from './promotions.js';
import type { Stage } from './registered-models.js';

/** What a client did to a label of a version. */
export type LabelChange =
  | { label: 'stage'; version: number; from: Stage; to: Stage }
  | { label: 'champion set'; version: number }
  | { label: 'champion deleted'; version: number }
  | { label: 'version deleted'; version: number };

/** Where pointer and labels stand after the change. */
export interface Situation extends Labels {
  served: number | null;
  pending: number | null;
}

/** What becomes of the pointer. `withdraw` takes away what is served, or what waits, or both. */
export type PointerMove =
  { kind: 'stay' } | { kind: 'promote'; version: number } | { kind: 'withdraw'; served: boolean; pending: boolean };

/**
 * The pointer follows the last wish. Setting `Production` or `champion` wishes for a version; archiving or deleting it, or
 * deleting the alias that names it, takes that wish back, and so does leaving `Production` unless the alias still names it.
 * Versions that are archived because another takes their place are not withdrawn. docs/promotion.md shows this as a table.
 */
export const moveAfter = (change: LabelChange, now: Situation): PointerMove => {
  switch (change.label) {
    case 'champion set':
      return wish(change.version, now);
    case 'champion deleted':
    case 'version deleted':
      return withdraw(change.version, now);
    case 'stage':
      if (change.to === 'Production') return wish(change.version, now);
      if (change.to === 'Archived') return withdraw(change.version, now);
      return change.from === 'Production' && now.champion !== change.version ? withdraw(change.version, now) : stay;
  }
};

const stay: PointerMove = { kind: 'stay' };

/** Wishing again for what is wished for is nothing. */
const wish = (version: number, { served, pending }: Situation): PointerMove =>
  (pending ?? served) === version ? stay : { kind: 'promote', version };

const withdraw = (version: number, { served, pending, production, champion }: Situation): PointerMove => {
  if (version === served) return { kind: 'withdraw', served: true, pending: false };
  if (version !== pending) return stay;
  // While it waited, an older version went on being served. Without any label it was served for the waiting one's sake only.
  const labelled = served !== null && (production.includes(served) || champion === served);
  return { kind: 'withdraw', served: served !== null && !labelled, pending: true };
};
