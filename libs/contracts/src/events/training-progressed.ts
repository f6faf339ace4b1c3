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
});

export type TrainingProgressed = z.infer<typeof trainingProgressed>;
