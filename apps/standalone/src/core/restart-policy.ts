/** An app that lived this long had started well: its earlier deaths no longer count. */
const QUICK_DEATH_MS = 30_000;
const MOST_QUICK_DEATHS = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

export type AfterDeath =
  { do: 'restart'; waitMs: number; quickDeaths: number } | { do: 'give-up'; quickDeaths: number };

/**
 * What to do with an app that ended on its own. Restarting for ever would hide a fault that no restart mends, such as a
 * broken setting; the fifth quick death in a row ends everything.
 */
export const afterDeath = (livedMs: number, quickDeathsBefore: number): AfterDeath => {
  const quickDeaths = livedMs < QUICK_DEATH_MS ? quickDeathsBefore + 1 : 1;
  if (quickDeaths >= MOST_QUICK_DEATHS) return { do: 'give-up', quickDeaths };
  return { do: 'restart', waitMs: Math.min(FIRST_WAIT_MS * 2 ** (quickDeaths - 1), LONGEST_WAIT_MS), quickDeaths };
};
