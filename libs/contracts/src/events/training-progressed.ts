import { z } from 'zod';
import { modelName } from '../model-ref.js';

export const trainingProgressed = z.object({
  requestId: z.uuid(),
  model: modelName,
  state: z.enum(['queued', 'running', 'retrying']),
  attempt: z.int().min(0).meta({ description: 'Attempts begun so far; 0 while queued.' }),
  runId: z.string().optional(),
  step: z.int().min(0).optional(),
  of: z.int().positive().optional(),
  message: z.string().max(2000).default(''),
  log: z
    .array(z.string().max(500))
    .max(51)
    .optional()
    .meta({ description: 'Lines that the recipe printed since, capped; the whole is the artifact `train.log`.' }),
});

export type TrainingProgressed = z.infer<typeof trainingProgressed>;
