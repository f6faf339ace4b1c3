import { z } from 'zod';
import { modelArtifact, modelName, modelSignature, modelVersion } from '../model-ref.js';

export const modelRegistered = z.object({
  model: modelName,
  version: modelVersion,
  runId: z.string().nullable(),
  source: z.string().meta({ description: "MLflow's source of the version, such as `models:/m-…`." }),
  origin: z
    .enum(['training-request', 'client'])
    .meta({ description: 'Who made the version; decides the default policy.' }),
  requestId: z.uuid().optional(),
  promote: z.enum(['policy', 'never']).default('policy').meta({ description: 'What the training request allowed.' }),
  servable: z.boolean(),
  notServableReason: z.string().optional(),
  flavors: z
    .array(z.string())
    .optional()
    .meta({ description: "MLflow's flavors of a version that can not be served, such as `sklearn`." }),
  artifact: modelArtifact.optional(),
  signature: modelSignature.optional(),
  metrics: z.record(z.string(), z.number()).default({}),
  registeredAt: z.iso.datetime(),
});

export type ModelRegistered = z.infer<typeof modelRegistered>;
