import { describe, expect, it } from 'vitest';
import { moveAfter, type LabelChange, type PointerMove, type Situation } from './pointer-moves.js';
import type { Stage } from './registered-models.js';

const now = (served: number | null, given: Partial<Situation> = {}): Situation => ({
  served,
  pending: null,
  production: [],
  champion: null,
  ...given,
});
const stage = (version: number, from: Stage, to: Stage): LabelChange => ({ label: 'stage', version, from, to });
const champion = (version: number): LabelChange => ({ label: 'champion set', version });
const noChampion = (version: number): LabelChange => ({ label: 'champion deleted', version });
const deleted = (version: number): LabelChange => ({ label: 'version deleted', version });

const stay: PointerMove = { kind: 'stay' };
const to = (version: number): PointerMove => ({ kind: 'promote', version });
const retired: PointerMove = { kind: 'withdraw', served: true, pending: false };
const cancelled: PointerMove = { kind: 'withdraw', served: false, pending: true };
const both: PointerMove = { kind: 'withdraw', served: true, pending: true };

/** docs/promotion.md has the same table in words. Labels are those after the change. */
const table: [string, LabelChange, Situation, PointerMove][] = [
  ['the first to Production', stage(1, 'None', 'Production'), now(null, { production: [1] }), to(1)],
  ['another to Production', stage(2, 'Staging', 'Production'), now(1, { production: [1, 2] }), to(2)],
  ['an older one to Production', stage(1, 'Archived', 'Production'), now(2, { production: [1, 2] }), to(1)],
  ['to Production again', stage(2, 'Production', 'Production'), now(2, { production: [2] }), stay],
  ['to Production, served by its alias', stage(2, 'None', 'Production'), now(2, { champion: 2 }), stay],
  ['in Production, but the alias was last', stage(1, 'Production', 'Production'), now(2, { champion: 2 }), to(1)],
  ['the alias to another', champion(2), now(1, { production: [1], champion: 2 }), to(2)],
  ['the alias again', champion(2), now(2, { champion: 2 }), stay],
  ['archived', stage(2, 'Production', 'Archived'), now(2), retired],
  ['archived, the alias still names it', stage(2, 'Production', 'Archived'), now(2, { champion: 2 }), retired],
  ['archived, another stays in Production', stage(2, 'Production', 'Archived'), now(2, { production: [1] }), retired],
  ['archived, not served', stage(1, 'Production', 'Archived'), now(2, { production: [2] }), stay],
  ['back to Staging', stage(2, 'Production', 'Staging'), now(2), retired],
  ['back to None', stage(2, 'Production', 'None'), now(2), retired],
  ['back to None, the alias still names it', stage(2, 'Production', 'None'), now(2, { champion: 2 }), stay],
  ['between other stages, served by its alias', stage(2, 'None', 'Staging'), now(2, { champion: 2 }), stay],
  ['back to None, not served', stage(1, 'Production', 'None'), now(2, { champion: 2 }), stay],
  ['the alias of the served one deleted', noChampion(2), now(2), retired],
  ['the alias deleted, still in Production', noChampion(2), now(2, { production: [2] }), retired],
  ['the alias of another deleted', noChampion(1), now(2, { production: [2] }), stay],
  ['the served one deleted', deleted(2), now(2), retired],
  ['another deleted', deleted(1), now(2, { production: [2] }), stay],
  ['of nothing served', stage(1, 'Production', 'Archived'), now(null), stay],

  ['a wish while another waits', stage(3, 'None', 'Production'), now(1, { pending: 2 }), to(3)],
  ['the served one wished again while another waits', champion(1), now(1, { pending: 2, champion: 1 }), to(1)],
  ['the waiting one wished again', champion(2), now(1, { pending: 2, champion: 2 }), stay],
  ['the waiting one archived', stage(2, 'Production', 'Archived'), now(1, { pending: 2, champion: 1 }), cancelled],
  ['… and the served one is in Production', deleted(2), now(1, { pending: 2, production: [1] }), cancelled],
  ['… and the served one has no label', stage(2, 'Production', 'Archived'), now(1, { pending: 2 }), both],
  ['the waiting one archived, nothing served', deleted(2), now(null, { pending: 2 }), cancelled],
  ['the alias of the waiting one deleted', noChampion(2), now(1, { pending: 2 }), both],
  ['the waiting one back to None', stage(2, 'Production', 'None'), now(1, { pending: 2, champion: 1 }), cancelled],
  ['… though the alias names it', stage(2, 'Production', 'None'), now(1, { pending: 2, champion: 2 }), stay],
  ['the served one archived while another waits', stage(1, 'Production', 'Archived'), now(1, { pending: 2 }), retired],
];

describe('the pointer follows the last wish', () => {
  it.each(table)('%s', (_, change, situation, move) => {
    expect(moveAfter(change, situation)).toEqual(move);
  });
});
