import type { AgreementView } from '#contracts';
import type { Standing } from './promotions.js';
import { CHAMPION } from './registered-models.js';

/** Compares what is served with what MLflow's labels say, and tells in a sentence where they differ. */
export const agreementOf = ({
  version,
  production,
  champion,
}: Pick<Standing, 'version' | 'production' | 'champion'>): AgreementView => {
  const differences = [stageDifference(version, production), aliasDifference(version, champion)].filter(
    (difference) => difference !== undefined,
  );
  const agree = differences.length === 0;
  const served = version === null ? 'No version is promoted' : `Version ${String(version)} is promoted`;
  const differs = agree ? null : `${served}, but ${differences.join(', and ')}.`;
  return { pointer: version, production, champion, agree, differs };
};

const stageDifference = (version: number | null, production: readonly number[]): string | undefined => {
  if (production.length === 0) return version === null ? undefined : 'no version is in stage Production';
  if (production.length === 1 && production[0] === version) return undefined;
  const named = production.map(String).join(', ');
  const are = production.length === 1 ? `version ${named} is` : `versions ${named} are`;
  // MLflow reads `models:/X/Production` as the newest of them.
  return `${are} in stage Production (models:/…/Production is version ${String(production.at(-1))})`;
};

const aliasDifference = (version: number | null, champion: number | null): string | undefined => {
  if (champion === version) return undefined;
  return champion === null
    ? `the alias ${CHAMPION} is not set`
    : `the alias ${CHAMPION} names version ${String(champion)}`;
};
