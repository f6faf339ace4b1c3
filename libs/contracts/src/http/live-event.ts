import { z } from 'zod';

/** The `data` of one message of `GET /api/v1/events` (SSE); the message's `id` is what `Last-Event-ID` takes. */
export const liveEvent = z.object({
  type: z.string(),
  id: z.string(),
  source: z.string(),
  subject: z.string().nullable(),
  time: z.iso.datetime(),
  generation: z.int().optional(),
  data: z.json(),
});

export type LiveEvent = z.infer<typeof liveEvent>;
