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
  recipe: z.string(),
  parameters: z.record(z.string(), z.json()),
  source: z.string().meta({ description: 'CloudEvents source of the request.' }),
  state: trainingRequestState,
  attempt: z.int().min(0),
  message: z.string(),
  runId: z.string().nullable(),
  version: z.int().positive().nullable(),
  metrics: z.record(z.string(), z.number()),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  requestedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});

/** `GET /api/v1/training-requests` */
export const trainingRequestList = z.object({ requests: z.array(trainingRequestView) });

export type TrainingRequestView = z.infer<typeof trainingRequestView>;
