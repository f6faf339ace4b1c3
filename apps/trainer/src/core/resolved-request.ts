import type { TrainingRequested } from '#contracts';
import { PlatformError } from '#runtime';
import type { Preset } from './presets.js';

/** A request of which it is settled what is trained: its preset, if any, is worked in. */
export type ResolvedRequest = TrainingRequested & { recipe: string };

/**
 * What the request says itself wins: single parameters, or the data set as a whole.
 * @throws PlatformError REQUEST_INVALID when it names another recipe, whose parameters would be others.
 */
export const withPreset = (request: TrainingRequested, preset: Preset): ResolvedRequest => {
  const { recipe, parameters, name } = preset;
  if (request.recipe !== undefined && request.recipe !== recipe)
    throw new PlatformError(
      'REQUEST_INVALID',
      `The preset "${name}" of ${request.model} is one for ${recipe}, not for ${request.recipe}; leave out the recipe or the preset.`,
    );
  const dataset = request.dataset ?? preset.dataset;
  return {
    ...request,
    recipe,
    preset: name,
    parameters: { ...parameters, ...request.parameters },
    ...(dataset !== undefined && { dataset }),
  };
};
