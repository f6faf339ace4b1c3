import { z } from 'zod';
import { inputExample, modelArtifact, modelName, modelSignature, modelVersion } from '../model-ref.js';

/** The whole wanted state of one model, never a delta. A null value retires the model; its generation travels in a header. */
export const modelPromoted = z.object({
  model: modelName,
  version: modelVersion,
  generation: z
    .int()
    .positive()
    .meta({ description: 'Grows by one at each promotion or retirement, never restarts for a name.' }),
  runId: z.string().nullable(),
  stage: z.string().default('Production'),
  modelUri: z.string().meta({ description: "MLflow's URI, such as `models:/IrisModel/2`." }),
  artifact: modelArtifact,
  signature: modelSignature,
  previousVersion: modelVersion.nullable(),
  cause: z.enum(['policy', 'request', 'rollback', 'stage', 'alias']),
  promotedBy: z.string(),
  reason: z.string(),
  promotedAt: z.iso.datetime(),
  tags: z.record(z.string(), z.string()).optional().meta({
    description: 'Tags of the registered model at the promotion; values of more than 255 characters are left out.',
  }),
  inputExample: inputExample.optional(),
  firstPromotedAt: z.iso.datetime().meta({ description: 'When this model name was promoted for the first time.' }),
});

export type ModelPromoted = z.infer<typeof modelPromoted>;
