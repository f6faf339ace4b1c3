import { modelName } from '#contracts';
import { PlatformError } from '#runtime';
import { stages, type Stage } from './registered-models.js';
import { checkLength, checkNormalised } from './registry-names.js';

const ALIAS_LENGTH = 255;

const invalid = (detail: string): PlatformError => new PlatformError('REQUEST_INVALID', detail);

/**
 * The rule for names of registered models, for every request that names one; `field` is the parameter that held it.
 * @throws PlatformError REQUEST_INVALID with MLflow's words.
 */
export const checkedModelName = (name: string, field = 'name'): string => {
  if (name.trim() === '') throw invalid(`Missing value for required parameter '${field}'.`);
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  checkNormalised(field, name);
  // What is left stands in events and in headers of the bus: no control characters, and not without an end.
  if (modelName.safeParse(name).success) return name;
  throw invalid(
    `Invalid model name '${name.slice(0, 300)}'. Names have at most 256 characters and no control characters.`,
  );
};

/** @throws PlatformError REQUEST_INVALID for what can not be an alias. */
export const checkedAlias = (alias: string): string => {
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias))
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  checkLength('Registered model alias name', alias, ALIAS_LENGTH);
  return alias;
};

/** @throws PlatformError REQUEST_INVALID, for `latest` and `v1` too, which MLflow keeps for itself. */
export const checkedNewAlias = (alias: string): string => {
  checkedAlias(alias);
  if (isLatest(alias)) throw invalid(`'latest' alias name (case insensitive) is reserved.`);
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
  return alias;
};

/** `latest` names the newest version, in any case; no alias can be called so. */
export const isLatest = (name: string): boolean => name.toLowerCase() === 'latest';

/** @throws PlatformError REQUEST_INVALID. Case does not matter. */
export const checkedStage = (text: string): Stage => {
  const stage = stages.find((known) => known.toLowerCase() === text.toLowerCase());
  if (stage !== undefined) return stage;
  throw invalid(`Invalid Model Version stage: ${text}. Value must be one of ${stages.join(', ')}.`);
};
