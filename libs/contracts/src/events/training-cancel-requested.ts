import { z } from 'zod';

export const trainingCancelRequested = z.object({
  requestId: z.uuid(),
  reason: z.string().default(''),
});

export type TrainingCancelRequested = z.infer<typeof trainingCancelRequested>;
