import { modelName } from '#contracts';
import { PlatformError } from '#runtime';
import { stages, type Stage } from './registered-models.js';

/** @throws PlatformError REQUEST_INVALID with MLflow's words. */
export const checkedModelName = (name: string): string => {
  if (modelName.safeParse(name).success) return name;
  throw new PlatformError(
    'REQUEST_INVALID',
    `Invalid name for registered model: '${name}'. Names must be of 1 to 250 characters without "/", ":" and control characters, and no path.`,
  );
};

/** @throws PlatformError REQUEST_INVALID for what MLflow refuses: odd characters, `latest`, `v1`. */
export const checkedAlias = (alias: string): string => {
  if (/^[\w-]{1,255}$/.test(alias) && alias.toLowerCase() !== 'latest' && !/^v\d+$/i.test(alias)) return alias;
  throw new PlatformError(
    'REQUEST_INVALID',
    `Invalid alias name: '${alias}'. Aliases have letters, digits, "_" and "-"; "latest" and "v<number>" are reserved.`,
  );
};

/** @throws PlatformError REQUEST_INVALID. Case does not matter. */
export const checkedStage = (text: string): Stage => {
  const stage = stages.find((known) => known.toLowerCase() === text.toLowerCase());
  if (stage !== undefined) return stage;
  throw new PlatformError(
    'REQUEST_INVALID',
    `Invalid Model Version stage: ${text}. Value must be one of ${stages.join(', ')}.`,
  );
};
