import { z } from 'zod';
import { trainingRequested } from '../events/training-requested.js';

/** `POST /api/v1/training-requests` takes what the event carries. */
export const postTrainingRequest = trainingRequested;

export const trainingRequestState = z.enum([
  'queued',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
  'timed-out',
  'skipped',
]);

/** One line of `GET /api/v1/training-requests`, whoever sent the request. */
export const trainingRequestView = z.object({
  id: z.uuid(),
  model: z.string(),
  recipe: z.string().meta({ description: 'Empty while only a preset was named and no trainer has looked it up.' }),
  preset: z.string().nullable(),
  priority: z.int(),
  parameters: z.record(z.string(), z.json()),
  source: z.string().meta({ description: 'CloudEvents source of the request.' }),
  state: trainingRequestState,
  attempt: z.int().min(0),
  message: z.string(),
  progress: z
    .object({ step: z.int().min(0), of: z.int().positive() })
    .nullable()
    .meta({ description: 'How far the attempt has come, while it tells.' }),
  runId: z.string().nullable(),
  version: z.int().positive().nullable(),
  metrics: z.record(z.string(), z.number()),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  requestedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});

/** `GET /api/v1/training-requests` */
export const trainingRequestList = z.object({ requests: z.array(trainingRequestView) });

/** `POST /api/v1/training-requests/{id}/attempts`: asked by a trainer before the first effect of an attempt. */
export const postAttempt = z.strictObject({
  fence: z
    .int()
    .positive()
    .meta({ description: 'Grows with each lease of the job; the highest known is the only valid.' }),
  promote: z.enum(['policy', 'never']).default('policy').meta({ description: 'What the request allowed.' }),
});

export const attemptView = z.object({
  token: z.string().meta({
    description: 'Goes with all calls of the attempt as `Authorization: Bearer …` (MLFLOW_TRACKING_TOKEN). Shown once.',
  }),
});

export type TrainingRequestView = z.infer<typeof trainingRequestView>;
