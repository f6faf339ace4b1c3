import { z } from 'zod';
import { presetView } from '#contracts';
import { PlatformError } from '#runtime';
import { Presets, type Preset } from '../../core/presets.js';
import { MlflowError, refusal, type MlflowClient } from './mlflow.client.js';

/** What a newer registry adds to a preset is not ours to refuse. */
const answer = z.looseObject({
  ...presetView.pick({ name: true, recipe: true, parameters: true, dataset: true }).shape,
});

/** Presets by the registry's own API. */
export class RegistryPresets extends Presets {
  constructor(private readonly registry: MlflowClient) {
    super();
  }

  async find(model: string, name: string | undefined): Promise<Preset> {
    const of = `/api/v1/models/${encodeURIComponent(model)}`;
    const path = name === undefined ? `${of}/current-preset` : `${of}/presets/${encodeURIComponent(name)}`;
    try {
      const preset = answer.parse(await this.registry.own('GET', path));
      return { ...preset, dataset: preset.dataset ?? undefined };
    } catch (error) {
      if (error instanceof MlflowError && error.status === 404) throw unknown(model, name);
      throw refusal(error);
    }
  }
}

const unknown = (model: string, name: string | undefined): PlatformError =>
  new PlatformError(
    'PRESET_UNKNOWN',
    name === undefined
      ? `The request names no recipe, and ${model} has no preset; name a recipe, or keep a preset (baton preset set ${model} …).`
      : `${model} has no preset "${name}".`,
  );
