import { z } from 'zod';
import { datasetRequest, trainingRequested } from '../events/training-requested.js';
import { modelName } from '../model-ref.js';
import { ofSendableSize } from '../sendable.js';

/** Names of presets and schedules stand in paths. */
export const shortName = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[^/\u0000-\u001f]+$/, 'must not contain "/" or control characters')
  .refine((name) => name !== '.' && name !== '..', 'must not be "." or ".."');

/** `PUT /api/v1/models/{name}/presets/{preset}` */
export const putPreset = z
  .strictObject({
    recipe: trainingRequested.shape.recipe
      .unwrap()
      .meta({ description: 'Id of a recipe the trainer has, such as `random-forest`.' }),
    parameters: trainingRequested.shape.parameters,
    dataset: datasetRequest.optional().meta({ description: 'The bundled iris data set when absent.' }),
  })
  .superRefine(ofSendableSize);

export const presetView = z.object({
  model: modelName,
  name: z.string(),
  recipe: z.string(),
  parameters: z.record(z.string(), z.json()),
  dataset: datasetRequest.nullable(),
  current: z.boolean().meta({ description: 'What a request trains that names neither recipe nor preset.' }),
  updatedAt: z.iso.datetime(),
});

/** `GET /api/v1/models/{name}/presets` */
export const presetsView = z.object({
  current: z.string().nullable().meta({ description: 'Null while there is no preset.' }),
  presets: z.array(presetView),
});

/** `PUT /api/v1/models/{name}/current-preset` */
export const putCurrentPreset = z.strictObject({ preset: shortName });

export type PutPreset = z.infer<typeof putPreset>;
export type PresetView = z.infer<typeof presetView>;
export type PresetsView = z.infer<typeof presetsView>;
