import type { PromotionView } from '#contracts';

type Line = Pick<PromotionView, 'version' | 'cause'>;

/**
 * The version to go back to, from the history (oldest first): what was served before the present version came. A rollback
 * takes what it left off the pile, so that rolling back twice goes two back and never returns to the version that was
 * fled from. After a retirement it is the version that was retired.
 */
export const rollbackTarget = (history: readonly Line[], exists: (version: number) => boolean): number | undefined => {
  const pile: number[] = [];
  let retired = false;
  for (const { version, cause } of history) {
    retired = version === null;
    if (version === null) continue;
    if (cause === 'rollback' && pile.includes(version)) pile.length = pile.lastIndexOf(version) + 1;
    else if (pile.at(-1) !== version) pile.push(version);
  }
  const present = retired ? undefined : pile.pop();
  return pile.findLast((version) => version !== present && exists(version));
};
