import { z } from 'zod';
import { modelName, modelVersion } from '../model-ref.js';

export const trainingCompleted = z.object({
  requestId: z.uuid(),
  model: modelName,
  outcome: z.enum(['succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']),
  attempts: z.int().min(0),
  runId: z.string().optional(),
  version: modelVersion.optional().meta({ description: 'The registered version; absent when nothing was registered.' }),
  metrics: z.record(z.string(), z.number()).default({}),
  error: z
    .object({ code: z.string().min(1), message: z.string().min(1) })
    .optional()
    .meta({ description: 'Present unless the outcome is `succeeded`.' }),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime(),
  recipe: z.string().optional().meta({ description: 'The recipe that was used, as the preset gave it.' }),
  preset: z.string().optional().meta({ description: 'The preset that was used, if any.' }),
});

export type TrainingCompleted = z.infer<typeof trainingCompleted>;
